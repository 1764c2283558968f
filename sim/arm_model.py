"""Any MJCF arm made into one that can be driven: its configuration, its servos, its specification.

An arm's YAML says where its MJCF is, which hand goes on it and what its joints are called; ranges are read from the
model. What actuators the MJCF brings are left out: the servos are ours. Knows no scene.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from robot_wm.errors import ConfigError, MissingDependencyError, UnknownNameError
from robot_wm.types import ArmSpec, Floats
from sim.servo import ServoConfig, add_servo
from sim.skeleton import write_skeleton

FIXED, MOVABLE, ARM = 1, 2, 4  # collision bits; an arm meets fixed and movable things, but not itself
IN_USE, AWAY = 0, 1  # groups of geoms, both drawn; what is put away lies under the table
_ENDLESS_RAD = 2.0 * np.pi  # either way, for joints without a range
_HAND = "hand/"  # goes before the names of a hand that is put on an arm


@dataclass(frozen=True)
class ArmConfig:
    """An arm that MuJoCo simulates. Angles in radians, lengths in metres."""

    name: str = "mujoco"
    mjcf: str = "so101.xml"  # a path, `package:path within it`, or a file of sim/assets
    hand_mjcf: str = ""  # likewise; its names get "hand/" before them. Empty: the arm has its own
    hand_site: str = ""  # site of the arm that the hand is put on
    joint_names: tuple[str, ...] = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")
    gripper_joints: tuple[str, ...] = ("gripper",)  # they move together
    tool_frame: str = "tool"  # site: z the way the tool points, x the way the jaws open
    wrist_eye_m: tuple[float, float, float] = (
        0.0,
        -0.07,
        -0.07,
    )  # in the tool's frame, if the MJCF has no camera `wrist`
    gripper_closed_rad: float = -0.1745
    gripper_open_rad: float = 0.5236  # the pads are then 58 mm apart; the joint itself goes on to 1.745
    q_rest_rad: tuple[float, ...] = (0.0, -0.7444, 0.7049, 1.6103, 0.0)  # tool at (0.14, 0, 0.07), straight down
    gripper_rest: float = 0.5
    dq_max_rad_s: float = 3.0
    ddq_max_rad_s2: float = 30.0
    gripper_rate_max: float = 3.0  # openings a second
    workspace_min_m: tuple[float, float, float] = (0.05, -0.28, 0.011)
    workspace_max_m: tuple[float, float, float] = (0.32, 0.28, 0.16)
    rate_hz: float = 10.0
    scene: str = ""  # in configs/scenes, the table of an arm of another size; empty: any
    servo: ServoConfig = field(default_factory=ServoConfig)
    gripper_servo: ServoConfig = field(
        default_factory=lambda: ServoConfig(gain_n_m_rad=12.0, damping_gain=0.3, force_n_m=0.8, armature_kg_m2=0.01)
    )

    @property
    def all_joints(self) -> tuple[str, ...]:
        return (*self.joint_names, *self.gripper_joints)

    @property
    def all_servos(self) -> tuple[ServoConfig, ...]:
        return (self.servo,) * len(self.joint_names) + (self.gripper_servo,) * len(self.gripper_joints)


def load_arm(config: ArmConfig) -> mujoco.MjSpec:
    """The arm's model with servos on its joints, ready for a table to be put under it.

    Raises ConfigError, UnknownNameError or MissingDependencyError where the model and the configuration do not fit.
    """
    spec = _read(config.mjcf)
    if config.hand_mjcf:
        site = _named(config.hand_site, {site.name: site for site in spec.sites}, "site to put the hand on")
        spec.attach(_read(config.hand_mjcf), site=site, prefix=_HAND)
    for geom in spec.geoms:
        if geom.contype or geom.conaffinity:
            geom.contype, geom.conaffinity = ARM, FIXED
        geom.group = IN_USE if geom.group == AWAY else geom.group
    for actuator in list(spec.actuators):
        spec.delete(actuator)
    joints = {joint.name: joint for joint in spec.joints}
    for name, servo in zip(config.all_joints, config.all_servos, strict=True):
        add_servo(spec, _named(name, joints, "joint"), servo)
    return spec


def arm_spec(config: ArmConfig, model: mujoco.MjModel) -> ArmSpec:
    """What the arm is, with the joint ranges of `model`."""
    low, high = np.array([_range_rad(model, name) for name in config.joint_names]).T  # (n,), (n,)
    n = len(config.joint_names)
    return ArmSpec(
        name=config.name,
        joint_names=config.joint_names,
        q_min_rad=low,
        q_max_rad=high,
        dq_max_rad_s=np.full(n, config.dq_max_rad_s),
        ddq_max_rad_s2=np.full(n, config.ddq_max_rad_s2),
        q_rest_rad=np.array(config.q_rest_rad),
        gripper_rest=config.gripper_rest,
        gripper_rate_max=config.gripper_rate_max,
        workspace_min_m=np.array(config.workspace_min_m),
        workspace_max_m=np.array(config.workspace_max_m),
        rate_hz=config.rate_hz,
        tool_frame=config.tool_frame,
        mjcf=str(write_skeleton(model, config.tool_frame) if config.hand_mjcf else model_path(config.mjcf)),
    )


def model_path(mjcf: str) -> Path:
    """Where an MJCF lies. Raises ConfigError or MissingDependencyError where it is not."""
    package, colon, inside = mjcf.partition(":")
    path = _package_folder(package) / inside if colon else Path(mjcf).expanduser()
    if path.parent == Path():
        path = Path(__file__).parent / "assets" / path
    if not path.is_file():
        raise ConfigError(f"there is no arm model {mjcf!r} (looked for {path}); give the path of an MJCF file")
    return path


def _package_folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingDependencyError(f"the arm's model is in the package {package!r}: pip install {package}")
    return Path(found.submodule_search_locations[0])


def _read(mjcf: str) -> mujoco.MjSpec:
    path = model_path(mjcf)
    try:
        return mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise ConfigError(f"the arm model {path} cannot be read: {error}") from error


def _named(name: str, known: Mapping[str, Any], kind: str) -> Any:
    if name not in known:
        raise UnknownNameError(kind, name, known, "Correct the arm's configuration.")
    return known[name]


def _range_rad(model: mujoco.MjModel, joint: str) -> tuple[float, float]:
    index = model.joint(joint).id
    low, high = model.jnt_range[index] if model.jnt_limited[index] else (-_ENDLESS_RAD, _ENDLESS_RAD)
    return float(low), float(high)


def gripper_angle_rad(config: ArmConfig, opening: float) -> float:
    """Angle of the gripper's joints at an opening in [0, 1]."""
    return config.gripper_closed_rad + opening * (config.gripper_open_rad - config.gripper_closed_rad)


def gripper_opening(config: ArmConfig, angles_rad: Floats) -> float:
    """Opening at the joints' mean angle, in [0, 1]."""
    span = config.gripper_open_rad - config.gripper_closed_rad
    mean_rad = sum(angles_rad.tolist()) / len(angles_rad)
    return min(max((mean_rad - config.gripper_closed_rad) / span, 0.0), 1.0)
