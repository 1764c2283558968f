"""The configuration of a simulated arm, and where the files it names are. Knows no MuJoCo."""

import importlib.util
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from robot_wm.config import find_config, load_config
from robot_wm.errors import ConfigError, MissingDependencyError
from sim.servo import ServoConfig

Position = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # w, x, y, z
_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class ArmConfig:
    """An arm that MuJoCo simulates. Angles in radians, lengths in metres; slide joints count metres for radians.

    Raises ConfigError for lengths that do not agree.
    """

    name: str = "mujoco"
    mjcf: str = "so101.xml"  # MJCF or URDF: a path from this file's folder, `package:path`, or a file of sim/assets
    hand_mjcf: str = ""  # likewise; its names get "hand/" before them. Empty: the arm has its own
    hand_site: str = ""  # site or body of the arm that the hand is attached to
    joint_names: tuple[str, ...] = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")
    gripper_joints: tuple[str, ...] = ("gripper",)  # they move together; empty: no gripper
    tool_frame: str = "tool"  # site: z the way the tool points, x the way the jaws open
    tool_body: str = ""  # where the model has no such site: the body to add it to
    tool_pos_m: Position = (0.0, 0.0, 0.0)  # of the added site in that body's frame
    tool_quat: Quaternion = (1.0, 0.0, 0.0, 0.0)  # likewise, (w, x, y, z)
    wrist_eye_m: Position = (0.0, -0.07, -0.07)  # in the tool's frame, if the MJCF has no camera `wrist`
    gripper_closed_rad: float | tuple[float, ...] = -0.1745  # one for all, or one for each gripper joint
    gripper_open_rad: float | tuple[float, ...] = 0.5236  # the pads are then 58 mm apart; the joint goes on to 1.745
    q_rest_rad: tuple[float, ...] = (0.0, -0.7444, 0.7049, 1.6103, 0.0)  # tool at (0.14, 0, 0.07), straight down
    gripper_rest: float = 0.5
    dq_max_rad_s: float = 3.0
    ddq_max_rad_s2: float = 30.0
    gripper_rate_max: float = 3.0  # openings a second
    workspace_min_m: Position = (0.05, -0.28, 0.011)
    workspace_max_m: Position = (0.32, 0.28, 0.16)
    rate_hz: float = 10.0
    scene: str = ""  # in configs/scenes, or a file from this file's folder; empty: any
    servo: ServoConfig = field(default_factory=ServoConfig)
    gripper_servo: ServoConfig = field(
        default_factory=lambda: ServoConfig(gain_n_m_rad=12.0, damping_gain=0.3, force_n_m=0.8, armature_kg_m2=0.01)
    )

    def __post_init__(self) -> None:
        n, twice = len(self.joint_names), [name for name, count in Counter(self.all_joints).items() if count > 1]
        if n == 0 or twice:
            problem = f"{', '.join(twice)} named twice" if twice else "joint_names is empty"
            raise ConfigError(
                f"arm {self.name!r}: {problem}; name every joint from base to tip once, then the gripper's"
            )
        if len(self.q_rest_rad) != n:
            raise ConfigError(
                f"arm {self.name!r}: q_rest_rad must have one angle for each of the {n} joint_names, "
                f"received {len(self.q_rest_rad)}; add or remove the difference"
            )
        for key in ("gripper_closed_rad", "gripper_open_rad"):
            value = getattr(self, key)
            if isinstance(value, tuple) and len(value) != len(self.gripper_joints):
                raise ConfigError(
                    f"arm {self.name!r}: {key} must be one number, or one for each of the "
                    f"{len(self.gripper_joints)} gripper_joints, received {len(value)}; correct the list"
                )
        for axis, low, high in zip("xyz", self.workspace_min_m, self.workspace_max_m, strict=True):
            if low >= high:
                raise ConfigError(
                    f"arm {self.name!r}: workspace_min_m must be below workspace_max_m, received {low} and {high} "
                    f"in {axis}; swap them"
                )

    @property
    def all_joints(self) -> tuple[str, ...]:
        """The driven joints: the arm's, then the gripper's."""
        return (*self.joint_names, *self.gripper_joints)

    @property
    def all_servos(self) -> tuple[ServoConfig, ...]:
        """A servo for each of `all_joints`."""
        return (self.servo,) * len(self.joint_names) + (self.gripper_servo,) * len(self.gripper_joints)


def load_arm_config(name: str) -> ArmConfig:
    """Load an arm by its name in configs/arms or by the path of a YAML file.

    Returns:
        The configuration, with file names that are relative to the YAML's folder made absolute.

    Raises:
        UnknownNameError, ConfigError: no such file, or one that does not fit.
    """
    path = find_config("arms", name)
    return with_paths_from(load_config(ArmConfig, path), path.parent)


def with_paths_from(config: ArmConfig, folder: Path) -> ArmConfig:
    """Return `config` with the file names that exist relative to `folder`, and models that exist nowhere, absolute."""
    values = {key: getattr(config, key) for key in ("mjcf", "hand_mjcf", "scene")}
    found = {key: folder / name for key, name in values.items() if name and (folder / name).is_file()}
    for key in ("mjcf", "hand_mjcf"):
        name = values[key]
        if name and ":" not in name and not (_ASSETS / name).is_file():
            found[key] = folder / name
    return replace(config, **{key: str(path.expanduser().resolve()) for key, path in found.items()})


def model_path(mjcf: str) -> Path:
    """Return the file of a model. Raises ConfigError or MissingDependencyError where there is none."""
    package, colon, inside = mjcf.partition(":")
    path = _package_folder(package) / inside if colon else Path(mjcf).expanduser()
    if path.parent == Path():
        path = _ASSETS / path
    if not path.is_file():
        raise ConfigError(
            f"there is no arm model {mjcf!r} (looked for {path}); give the path of an MJCF or URDF file: "
            "absolute, or relative to the folder of the arm's YAML"
        )
    return path


def _package_folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingDependencyError(f"the arm's model is in the package {package!r}: pip install {package}")
    return Path(found.submodule_search_locations[0])
