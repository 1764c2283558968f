"""Configuration of an arm on a serial bus, as in its YAML file, and the `ArmSpec` derived from it and a calibration.

`configs/arms/so101.yaml` is the shipped one; copy it for your own arm and pass the copy to `--arm`.
"""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from hardware.arm.calibration import Calibration, JointModel, load_calibration
from hardware.arm.health import HealthConfig
from hardware.arm.servo_family import TORQUE, family_of
from hardware.bus import Timing
from hardware.camera_config import CameraConfig
from hardware.checks import require_positive, require_rising
from robot_wm.errors import ConfigError
from robot_wm.types import ArmSpec

_NO_SETTINGS = frozenset({TORQUE, "id", "baud_code", "lock", "operating_mode", "homing_offset", "bus_watchdog"})


@dataclass(frozen=True)
class DriveConfig:
    """Motion settings, written to the servos at each start; a power cycle resets them."""

    speed_rad_s: float = 4.0  # of a servo on its way to a goal; above the limits, so that the limits take effect
    acceleration_rad_s2: float = 39.0
    torque_limit: float = 1.0  # share of the maximum
    gripper_torque_limit: float = 0.5  # a long grip must not overheat the gripper
    bus_watchdog_s: float = 0.2  # period of the servos' own watchdog, where it works; 0 disables it
    registers: Mapping[str, int] = field(default_factory=dict)  # by name, raw counts; written if different

    def __post_init__(self) -> None:
        require_positive("drive", self, "speed_rad_s", "acceleration_rad_s2")
        require_positive("drive", self, "torque_limit", "gripper_torque_limit", most=1.0)
        if self.bus_watchdog_s != 0.0:
            require_positive("drive", self, "bus_watchdog_s")
        for name in self.registers:
            if name in _NO_SETTINGS or name.startswith("goal_"):
                raise ConfigError(
                    f"drive: registers must neither move nor rename a servo; received {name!r}; remove it"
                )


@dataclass(frozen=True)
class GuardConfig:
    """Thresholds at which SerialArm itself refuses to start or latches a fault."""

    silent_reads_max: int = 5  # missed readings in a row, after which a servo counts as lost
    lag_rad: float = 0.4  # a joint this far from its goal ...
    lag_s: float = 0.5  # ... for this long is blocked, stripped or mirrored
    start_moves_rad: float = 0.0175  # allowed motion while the torque is switched on: 1 degree
    park_speed_rad_s: float = 0.6
    park_s: float = 6.0  # time limit of parking, after which the arm is released; an SO-101 needs at most 5.5 s

    def __post_init__(self) -> None:
        require_positive("guard", self, *(each.name for each in fields(self)))


@dataclass(frozen=True)
class SerialArmConfig:
    """One arm. Angles in radians, lengths in metres; joints from base to tip, without the gripper."""

    name: str
    joints: tuple[JointModel, ...]
    gripper: JointModel
    gripper_closed_rad: float
    gripper_open_rad: float  # at opening 1; the joint's own range may be larger
    q_rest_rad: tuple[float, ...]
    workspace_min_m: tuple[float, float, float]
    workspace_max_m: tuple[float, float, float]
    station: str = "so101"  # the entry point that opens this file
    protocol: str = "feetech"
    baud: int = 1_000_000
    timing: Timing = field(default_factory=Timing)  # how long to wait for replies; increase it over a network
    port: str = ""  # a path or URL; `--port` overrides it
    calibration: str = ""  # a file; empty: the default path for this arm's name
    mjcf: str = "robot_wm:fake_arm.xml"  # a path, or `package:path within the package`
    tool_frame: str = "tool"
    gripper_rest: float = 0.5
    gripper_rate_max: float = 3.0
    dq_max_rad_s: float = 3.0
    ddq_max_rad_s2: float = 30.0
    rate_hz: float = 10.0
    drive: DriveConfig = field(default_factory=DriveConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)
    health: HealthConfig = field(default_factory=HealthConfig)
    cameras: Mapping[str, CameraConfig] = field(default_factory=dict)

    def __post_init__(self) -> None:
        family_of(self.protocol)
        if len(self.q_rest_rad) != len(self.joints):
            raise ConfigError(
                f"arm {self.name!r}: q_rest_rad needs {len(self.joints)} angles, one per joint; "
                f"received {len(self.q_rest_rad)}"
            )
        where = f"arm {self.name!r}"
        require_positive(where, self, "dq_max_rad_s", "ddq_max_rad_s2", "rate_hz", "gripper_rate_max")
        require_rising(
            where, "the gripper's closed and open angle", *sorted((self.gripper_closed_rad, self.gripper_open_rad))
        )
        for axis, ends in zip("xyz", zip(self.workspace_min_m, self.workspace_max_m, strict=True), strict=True):
            require_rising(where, f"the workspace's least and greatest {axis}", *ends)

    @property
    def all_joints(self) -> tuple[JointModel, ...]:
        """All joints, gripper last."""
        return (*self.joints, self.gripper)

    @property
    def servos(self) -> tuple[int, ...]:
        """Ids in the order of `all_joints`."""
        return tuple(joint.servo for joint in self.all_joints)

    def name_of(self, servo: int) -> str:
        """Return the id and joint of a servo, for messages."""
        names = {joint.servo: joint.name for joint in self.all_joints}
        return f"servo {servo} ({names.get(servo, 'of no joint')})"

    def gripper_rad(self, opening: float) -> float:
        """Convert an opening in [0, 1] to the angle of the gripper's joint."""
        return self.gripper_closed_rad + opening * (self.gripper_open_rad - self.gripper_closed_rad)

    def opening(self, gripper_rad: float) -> float:
        """Convert an angle of the gripper's joint to an opening in [0, 1]."""
        span = self.gripper_open_rad - self.gripper_closed_rad
        return min(max((gripper_rad - self.gripper_closed_rad) / span, 0.0), 1.0)


def arm_spec(config: SerialArmConfig, calibration: Calibration) -> ArmSpec:
    """Return the arm's spec; ranges are the intersection of the model's and the calibrated ones.

    Raises:
        ConfigError: when a joint has no common range or the rest pose is outside it.
    """
    n = len(config.joints)
    ranges = zip(config.joints, calibration.joints[:n], strict=True)
    both = [_common_range(model, measured.range_rad) for model, measured in ranges]
    low, high = np.array([pair[0] for pair in both]), np.array([pair[1] for pair in both])
    rest = np.array(config.q_rest_rad)
    for joint, q, least, most in zip(config.joints, rest, low, high, strict=True):
        if not least <= q <= most:
            raise ConfigError(
                f"arm {config.name!r}: at rest {joint.name} is at {q:.2f} rad, outside its calibrated range "
                f"{least:.2f} to {most:.2f}; calibrate again through its full range: robot-wm arm calibrate"
            )
    return ArmSpec(
        name=config.name,
        joint_names=tuple(joint.name for joint in config.joints),
        q_min_rad=low,
        q_max_rad=high,
        dq_max_rad_s=np.full(n, config.dq_max_rad_s),
        ddq_max_rad_s2=np.full(n, config.ddq_max_rad_s2),
        q_rest_rad=rest,
        gripper_rest=config.gripper_rest,
        gripper_rate_max=config.gripper_rate_max,
        workspace_min_m=np.array(config.workspace_min_m),
        workspace_max_m=np.array(config.workspace_max_m),
        rate_hz=config.rate_hz,
        tool_frame=config.tool_frame,
        mjcf=str(model_path(config.mjcf)),
    )


def calibration_path(config: SerialArmConfig) -> Path:
    """Return the path of this arm's calibration."""
    if config.calibration:
        return Path(config.calibration).expanduser()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "robot-wm" / f"{config.name}.yaml"


def calibration_of(config: SerialArmConfig) -> Calibration:
    """Load this arm's calibration. Raises ConfigError with the command that creates it."""
    return load_calibration(calibration_path(config), config.all_joints, config.name)


def model_path(mjcf: str) -> Path:
    """Resolve a path or `package:path` of an MJCF file. Raises ConfigError if there is no such file."""
    package, colon, inside = mjcf.partition(":")
    found = importlib.util.find_spec(package) if colon else None
    folders = found.submodule_search_locations if found is not None else None
    path = Path(folders[0]) / inside if folders else Path(mjcf).expanduser()
    if not path.is_file():
        raise ConfigError(f"there is no arm model {mjcf!r} (looked for {path}); give the path of an MJCF file")
    return path


def _common_range(joint: JointModel, measured: tuple[float, float]) -> tuple[float, float]:
    low, high = max(joint.q_min_rad, measured[0]), min(joint.q_max_rad, measured[1])
    if low >= high:
        raise ConfigError(
            f"{joint.name}: the calibrated range {measured[0]:.2f} to {measured[1]:.2f} rad and the model's "
            f"{joint.q_min_rad:.2f} to {joint.q_max_rad:.2f} do not overlap; its direction may be wrong: "
            "robot-wm arm calibrate"
        )
    return low, high
