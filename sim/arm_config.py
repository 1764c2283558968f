"""The configuration of a simulated arm, and where its model files are. Knows no MuJoCo."""

import importlib.util
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from robot_wm.config import find_config, from_values, read_yaml
from robot_wm.errors import ConfigError, MissingDependencyError
from sim.servo import ServoConfig

Position = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # w, x, y, z
_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class ArmConfig:
    """A simulated arm with n joints and k gripper joints.

    Angles in radians and lengths in metres; slide joints count metres where hinges count radians.

    Raises:
        ConfigError: Lengths or bounds do not agree.
    """

    name: str
    mjcf: str  # MJCF or URDF: a path from this file's folder, `package:path`, or a file of sim/assets
    joint_names: tuple[str, ...]  # n, base to tip
    gripper_joints: tuple[str, ...]  # k, which move together; empty: no gripper
    q_rest_rad: tuple[float, ...]  # n; the tool points straight down there
    workspace_min_m: Position  # of the tool, base frame
    workspace_max_m: Position
    gripper_closed_rad: float | tuple[float, ...] = 0.0  # one for all gripper joints, or one for each
    gripper_open_rad: float | tuple[float, ...] = 0.0  # likewise
    gripper_rest: float = 0.5  # opening in [0, 1]
    hand_mjcf: str = ""  # a hand in another file, its names prefixed with "hand/"; empty: the model has its own
    hand_site: str = ""  # site or body of the arm that the hand is attached to
    tool_frame: str = "tool"  # site: z the way the tool points, x the way the jaws open
    tool_body: str = ""  # where the model has no such site: the body to add it to
    tool_pos_m: Position = (0.0, 0.0, 0.0)  # of the added site in that body's frame
    tool_quat: Quaternion = (1.0, 0.0, 0.0, 0.0)  # likewise
    wrist_eye_m: Position = (0.0, -0.07, -0.07)  # of the wrist camera in the tool frame, if the model has none
    dq_max_rad_s: float = 3.0
    ddq_max_rad_s2: float = 30.0
    gripper_rate_max: float = 3.0  # openings a second
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
        """Names of the driven joints, n + k: the arm's, then the gripper's."""
        return (*self.joint_names, *self.gripper_joints)

    @property
    def all_servos(self) -> tuple[ServoConfig, ...]:
        """The servo of each of `all_joints`."""
        return (self.servo,) * len(self.joint_names) + (self.gripper_servo,) * len(self.gripper_joints)


def load_arm_config(name: str) -> ArmConfig:
    """Load an arm by its name in configs/arms or by the path of a YAML file.

    Returns:
        The configuration, with file names that are relative to the YAML's folder made absolute.

    Raises:
        UnknownNameError: There is no arm of this name.
        ConfigError: There is no such file, or its values are not valid.
    """
    path = find_config("arms", name)
    return with_paths_from(from_values(ArmConfig, arm_values(read_yaml(path)), str(path)), path.parent)


def arm_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an arm's values; those that name no model are of the simulated SO-101, with what they change."""
    return dict(values) if "mjcf" in values else {**read_yaml(find_config("arms", "mujoco")), **values}


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
    """Return the file of a model (`ArmConfig.mjcf`).

    Raises:
        ConfigError: There is no such file.
        MissingDependencyError: It is in a package that is not installed.
    """
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
