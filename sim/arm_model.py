"""Any MJCF arm made into one that can be driven: its configuration, its servos, its specification.

An arm's YAML says where its MJCF is and what its joints are called; ranges are read from the model. Knows no scene.
"""

from dataclasses import dataclass, field
from pathlib import Path

import mujoco
import numpy as np

from robot_wm.types import ArmSpec, Floats
from sim.servo import ServoConfig, add_servo


@dataclass(frozen=True)
class ArmConfig:
    """An arm that MuJoCo simulates. Angles in radians, lengths in metres."""

    name: str = "mujoco"
    mjcf: str = "so101.xml"  # a path; a bare file name is looked for in sim/assets
    joint_names: tuple[str, ...] = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")
    gripper_joints: tuple[str, ...] = ("gripper",)  # they move together
    tool_frame: str = "tool"  # site: z the way the tool points, x the way the jaws open
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
    servo: ServoConfig = field(default_factory=ServoConfig)
    gripper_servo: ServoConfig = field(
        default_factory=lambda: ServoConfig(gain_n_m_rad=12.0, damping_gain=0.3, force_n_m=0.8, armature_kg_m2=0.01)
    )

    @property
    def mjcf_path(self) -> Path:
        """Where the MJCF lies."""
        given = Path(self.mjcf).expanduser()
        return given if given.is_absolute() or given.parent != Path(".") else Path(__file__).parent / "assets" / given

    @property
    def all_joints(self) -> tuple[str, ...]:
        return (*self.joint_names, *self.gripper_joints)

    @property
    def all_servos(self) -> tuple[ServoConfig, ...]:
        return (self.servo,) * len(self.joint_names) + (self.gripper_servo,) * len(self.gripper_joints)


def load_arm(config: ArmConfig) -> mujoco.MjSpec:
    """The arm's model with servos on its joints, ready for a table to be put under it."""
    spec = mujoco.MjSpec.from_file(str(config.mjcf_path))
    for name, servo in zip(config.all_joints, config.all_servos, strict=True):
        add_servo(spec, name, servo)
    return spec


def arm_spec(config: ArmConfig, model: mujoco.MjModel) -> ArmSpec:
    """What the arm is, with the joint ranges of `model`."""
    ranges = np.array([model.joint(name).range for name in config.joint_names])  # (n, 2)
    n = len(config.joint_names)
    return ArmSpec(
        name=config.name,
        joint_names=config.joint_names,
        q_min_rad=ranges[:, 0],
        q_max_rad=ranges[:, 1],
        dq_max_rad_s=np.full(n, config.dq_max_rad_s),
        ddq_max_rad_s2=np.full(n, config.ddq_max_rad_s2),
        q_rest_rad=np.array(config.q_rest_rad),
        gripper_rest=config.gripper_rest,
        gripper_rate_max=config.gripper_rate_max,
        workspace_min_m=np.array(config.workspace_min_m),
        workspace_max_m=np.array(config.workspace_max_m),
        rate_hz=config.rate_hz,
        tool_frame=config.tool_frame,
        mjcf=str(config.mjcf_path),
    )


def gripper_angle_rad(config: ArmConfig, opening: float) -> float:
    """Angle of the gripper's joints at an opening in [0, 1]."""
    return config.gripper_closed_rad + opening * (config.gripper_open_rad - config.gripper_closed_rad)


def gripper_opening(config: ArmConfig, angles_rad: Floats) -> float:
    """Opening at the joints' mean angle, in [0, 1]."""
    span = config.gripper_open_rad - config.gripper_closed_rad
    return float(np.clip((np.mean(angles_rad) - config.gripper_closed_rad) / span, 0.0, 1.0))
