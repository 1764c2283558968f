"""Which joints turn the tool about the vertical, and which way, with the tool pointing down: pan and roll.

Computed from the kinematics about the rest pose by moving one joint at a time. The pan is the first joint where that
turns about a vertical axis; the roll is the last that does. An arm may have neither.
"""

import math
from dataclasses import dataclass

import numpy as np

from robot_wm.kinematics import Kinematics
from robot_wm.types import Floats

_TURN_RAD = 0.5  # by which a joint is moved to see what it does
_SLACK_RAD, _SLACK_M = 0.05, 2e-3
_DECIMALS = 6  # of what is measured: below is rounding


@dataclass(frozen=True)
class Turning:
    """How the heading (the jaw axis about base z) changes with the joints, with the tool pointing down."""

    pan_sign: float  # of the heading's change with the first joint: 1, -1, or 0 where that is no pan
    pan_axis_m: tuple[float, float]  # x, y of the pan's axis
    pan_offset_rad: float  # the tool's bearing from that axis is this plus pan_sign times the first joint's angle
    roll: int | None  # index of the joint that turns the hand
    roll_sign: float
    is_whole: bool  # whether pan and roll alone decide the heading: the arm's other axes are horizontal

    def bearing_rad(self, q_rad: Floats) -> float:
        """Return the tool's bearing from the pan's axis at joint angles (n,)."""
        return self.pan_offset_rad + self.pan_sign * q_rad.item(0)

    def roll_rad(self, q_rad: Floats) -> float:
        """Return the angle of the roll joint, counted as the heading is, at joint angles (n,)."""
        return 0.0 if self.roll is None else self.roll_sign * q_rad.item(self.roll)

    def roll_range_rad(self, low_rad: Floats, high_rad: Floats) -> tuple[float, float]:
        """Return the range of the roll joint, counted as the heading is; endless without one."""
        if self.roll is None:
            return -math.inf, math.inf
        ends = self.roll_sign * low_rad.item(self.roll), self.roll_sign * high_rad.item(self.roll)
        return min(ends), max(ends)


def turning_of(kinematics: Kinematics) -> Turning:
    """Find an arm's pan and roll."""
    rest, n = kinematics.spec.q_rest_rad, kinematics.spec.n_joints
    signs = [_vertical_sign(kinematics, index) for index in range(n)]
    rolls = [index for index in range(1, n) if signs[index] != 0.0]
    roll = rolls[-1] if rolls else None
    pan_sign, axis_m, offset_rad = signs[0], (0.0, 0.0), 0.0
    if pan_sign != 0.0:
        axis_m = _axis_m(kinematics, pan_sign)
        x, y = kinematics.forward(rest).position_m[:2].tolist()
        bearing = math.atan2(y - axis_m[1], x - axis_m[0])
        offset_rad = round(bearing - pan_sign * rest.item(0), _DECIMALS) + 0.0
    return Turning(pan_sign, axis_m, offset_rad, roll, 0.0 if roll is None else signs[roll], n <= 5 and len(rolls) <= 1)


def _moved(kinematics: Kinematics, index: int, turn_rad: float) -> Floats:
    q = kinematics.spec.q_rest_rad.copy()
    q[index] += turn_rad
    return q


def _vertical_sign(kinematics: Kinematics, index: int) -> float:
    """Return 1 or -1 where a joint turns the tool about a vertical axis as it counts up, or the other way; else 0."""
    rest, moved = kinematics.spec.q_rest_rad, _moved(kinematics, index, _TURN_RAD)
    change = (kinematics.heading(moved) - kinematics.heading(rest) + math.pi) % (2 * math.pi) - math.pi
    risen_m = abs(kinematics.forward(moved).position_m.item(2) - kinematics.forward(rest).position_m.item(2))
    leaned = abs(kinematics.tilt(moved) - kinematics.tilt(rest))
    is_vertical = abs(abs(change) - _TURN_RAD) < _SLACK_RAD and risen_m < _SLACK_M and leaned < _SLACK_RAD
    return math.copysign(1.0, change) if is_vertical else 0.0


def _axis_m(kinematics: Kinematics, sign: float) -> tuple[float, float]:
    """Return x, y of the first joint's axis, from where the tool goes as it turns: p' - c = R (p - c)."""
    start = kinematics.forward(kinematics.spec.q_rest_rad).position_m[:2]
    end = kinematics.forward(_moved(kinematics, 0, _TURN_RAD)).position_m[:2]
    cos, sin = math.cos(sign * _TURN_RAD), math.sin(sign * _TURN_RAD)
    rotation = np.array([[cos, -sin], [sin, cos]])
    x, y = np.linalg.solve(np.eye(2) - rotation, end - rotation @ start).tolist()
    return round(x, _DECIMALS) + 0.0, round(y, _DECIMALS) + 0.0
