"""Calibration of an arm: converts each servo's ticks to radians. One file per arm, data only; knows no port.

    q = direction (unwrapped(ticks) - zero_ticks) rad_per_tick

An encoder counts 0..4095 and wraps. A reading is unwrapped to the turn centred on the joint's range, so that a joint
slightly below 0 reads -3 and not 4093. A range that crosses the wrap can be read but not commanded, because the servo
would turn the other way round; such a calibration is refused.

The position offset in the servo's EEPROM is part of the data: with another offset the same ticks mean other angles.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hardware.checks import require_rising
from robot_wm.config import load_config, save_config
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.types import Floats

TURN_TICKS = 4096
RAD_PER_TICK = 2.0 * math.pi / TURN_TICKS
_LEROBOT_KEYS = ("id", "drive_mode", "homing_offset", "range_min", "range_max")
_WHOLE_TURN_TICKS = 4000  # LeRobot records a continuous joint as a whole turn, centred on the pose held


@dataclass(frozen=True)
class JointCalibration:
    """One joint. Ticks count from 0 to 4095 as the servo reports them with `homing_offset_ticks` in its EEPROM."""

    name: str
    servo: int  # id on the bus
    zero_ticks: float  # at the model's angle 0
    min_ticks: int  # of the measured range
    max_ticks: int
    direction: int = 1  # -1 if ticks decrease as the model's angle increases
    homing_offset_ticks: int = 0

    def __post_init__(self) -> None:
        where = f"calibration of {self.name!r}"
        if self.direction not in (-1, 1):
            raise ConfigError(f"{where}: direction must be 1 or -1, received {self.direction}")
        if not 0 <= self.servo <= 252:
            raise ConfigError(f"{where}: a servo id must be between 0 and 252, received {self.servo}")
        if not math.isfinite(self.zero_ticks):
            raise ConfigError(f"{where}: zero_ticks must be finite, received {self.zero_ticks}")
        if not 0 <= self.min_ticks < self.max_ticks < TURN_TICKS:
            raise ConfigError(
                f"{where}: allowed: 0 <= min_ticks < max_ticks <= {TURN_TICKS - 1}, received "
                f"{self.min_ticks} and {self.max_ticks}; if the range crosses 0/4095, move the wrap out of it: "
                "robot-wm arm calibrate"
            )

    @property
    def middle_ticks(self) -> float:
        """Middle of the range."""
        return (self.min_ticks + self.max_ticks) / 2.0

    def angle_rad(self, ticks: float) -> float:
        """Convert a reading to the model's angle."""
        return self.direction * (self.unwrapped(ticks) - self.zero_ticks) * RAD_PER_TICK

    def unwrapped(self, ticks: float) -> float:
        """Return the reading, unwrapped to within half a turn of the range's middle."""
        return self.middle_ticks + (ticks - self.middle_ticks + TURN_TICKS / 2) % TURN_TICKS - TURN_TICKS / 2

    def ticks(self, angle_rad: float) -> int:
        """Convert an angle to the nearest tick, not clipped to the range."""
        return round(self.zero_ticks + self.direction * angle_rad / RAD_PER_TICK)

    @property
    def range_rad(self) -> tuple[float, float]:
        """Lowest and highest angle of the range."""
        ends = self.angle_rad(self.min_ticks), self.angle_rad(self.max_ticks)
        return min(ends), max(ends)


@dataclass(frozen=True)
class Calibration:
    """All joints of one arm in the order of its model, gripper last."""

    arm: str
    joints: tuple[JointCalibration, ...]

    def __post_init__(self) -> None:
        for what, values in (("name", [each.name for each in self.joints]), ("servo", list(map(str, self.servos)))):
            repeated = [value for value in values if values.count(value) > 1]
            if repeated:
                raise ConfigError(f"calibration of {self.arm!r}: {what} {repeated[0]} occurs twice; remove one")

    @property
    def servos(self) -> tuple[int, ...]:
        """Ids in the order of the joints."""
        return tuple(joint.servo for joint in self.joints)

    def angles_rad(self, ticks: Mapping[int, int]) -> Floats:
        """Convert readings by servo to angles (n,)."""
        return np.array([joint.angle_rad(ticks[joint.servo]) for joint in self.joints])

    def goals(self, angles_rad: Floats) -> dict[int, int]:
        """Convert angles (n,) to ticks by servo, clipped to one turn."""
        pairs = zip(self.joints, angles_rad.tolist(), strict=True)
        return {joint.servo: min(max(joint.ticks(angle), 0), TURN_TICKS - 1) for joint, angle in pairs}

    def speeds_rad_s(self, speeds: Mapping[int, float]) -> Floats:
        """Convert the servos' speeds, rad/s, to the model's (n,)."""
        return np.array([joint.direction * speeds[joint.servo] for joint in self.joints])


@dataclass(frozen=True)
class JointModel:
    """A joint without calibration: name, servo id, and range of the model."""

    name: str
    servo: int
    q_min_rad: float
    q_max_rad: float
    direction: int = 1

    def __post_init__(self) -> None:
        require_rising(f"joint {self.name!r}", "q_min_rad and q_max_rad", self.q_min_rad, self.q_max_rad)


def centred(arm: str, joints: tuple[JointModel, ...]) -> Calibration:
    """Return the calibration of an arm whose joints all read 2048 at the model's zero, such as an emulated one."""
    return Calibration(arm, tuple(_centred(joint) for joint in joints))


def _centred(joint: JointModel) -> JointCalibration:
    ends = [TURN_TICKS / 2 + joint.direction * q / RAD_PER_TICK for q in (joint.q_min_rad, joint.q_max_rad)]
    low, high = max(0, math.floor(min(ends))), min(TURN_TICKS - 1, math.ceil(max(ends)))
    return JointCalibration(joint.name, joint.servo, TURN_TICKS / 2, low, high, joint.direction)


def load_calibration(path: Path, joints: tuple[JointModel, ...], arm: str) -> Calibration:
    """Load a calibration for exactly these joints.

    Args:
        path: our YAML, or LeRobot's JSON.
        joints: of the arm's file, gripper last.
        arm: name of the arm.

    Raises:
        ConfigError: when the file is missing, unreadable, incomplete or made for other directions.
        UnknownNameError: when the file has other joints.
    """
    if not path.is_file():
        raise ConfigError(f"arm {arm!r} is not calibrated: no file {path}; run: robot-wm arm calibrate")
    if path.suffix == ".json":
        return from_lerobot(_json(path), joints, arm, str(path))
    loaded = load_config(Calibration, path)
    found = {joint.name: joint for joint in loaded.joints}
    _require_joints(set(found), joints, str(path))
    turned = [joint.name for joint in joints if joint.direction != found[joint.name].direction]
    if turned:
        raise ConfigError(
            f"{path} was made while {', '.join(turned)} had another direction in the arm's file; "
            "run: robot-wm arm calibrate"
        )
    return Calibration(loaded.arm, tuple(found[joint.name] for joint in joints))


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write the file atomically. Raises ConfigError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_config(calibration, path)


def from_lerobot(values: Mapping[str, Any], joints: tuple[JointModel, ...], arm: str, where: str) -> Calibration:
    """Convert LeRobot's calibration: joint -> id, drive_mode, homing_offset, range_min, range_max.

    It does not contain the model's zero. The middle of a measured range is taken as the middle of the model's range;
    the middle of a whole turn (wrist_roll) is the pose that the arm was held in, taken as the model's zero.
    """
    _require_joints(set(values), joints, where)
    return Calibration(arm, tuple(_lerobot_joint(values[joint.name], joint, where) for joint in joints))


def _lerobot_joint(values: Any, joint: JointModel, where: str) -> JointCalibration:
    if not isinstance(values, dict) or any(type(values.get(key)) is not int for key in _LEROBOT_KEYS):
        raise ConfigError(f"{where}: {joint.name}: allowed: integers {', '.join(_LEROBOT_KEYS)}; received {values}")
    low, high = values["range_min"], values["range_max"]
    direction = -joint.direction if values["drive_mode"] else joint.direction
    middle_rad = 0.0 if high - low >= _WHOLE_TURN_TICKS else (joint.q_min_rad + joint.q_max_rad) / 2.0
    zero = (low + high) / 2.0 - direction * middle_rad / RAD_PER_TICK
    return JointCalibration(joint.name, values["id"], zero, low, high, direction, values["homing_offset"])


def _require_joints(found: set[str], joints: tuple[JointModel, ...], where: str) -> None:
    wanted = {joint.name for joint in joints}
    for name in sorted(found - wanted):
        raise UnknownNameError("joint", name, wanted, f"(in {where})")
    if wanted - found:
        raise ConfigError(f"{where}: missing {', '.join(sorted(wanted - found))}; run: robot-wm arm calibrate")


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as LeRobot's calibration: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: allowed: a JSON object, joint -> numbers; received {type(values).__name__}")
    return values
