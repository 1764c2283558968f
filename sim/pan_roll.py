"""The two joints that turn a tool that points down about the vertical: pan (the first joint) and roll (the last such).

Both come from the arm's description, and an arm may have neither.
"""

import math
from dataclasses import dataclass
from typing import Self

from robot_wm.arm_description import ArmDescription
from robot_wm.types import Floats

_DECIMALS = 6  # of the pan's offset: what lies below is rounding error


@dataclass(frozen=True)
class PanRoll:
    """How the heading (the jaw axis about base z) changes with pan and roll."""

    pan_sign: float  # of the heading's change with the first joint: 1, -1, or 0 where that joint is no pan
    pan_axis_m: tuple[float, float]  # x, y of the pan's axis, base frame; the origin without a pan
    pan_offset_rad: float  # the tool's bearing from that axis is this plus pan_sign times the first joint's angle
    roll: int | None  # index of the roll joint
    roll_sign: float  # of the heading's change with the roll joint; 0 without one
    is_complete: bool  # whether pan and roll alone decide the heading: the arm's other axes are horizontal
    is_redundant: bool  # whether other joints, too, swing the tool about the pan's axis: more than six joints

    @classmethod
    def of(cls, arm: ArmDescription) -> Self:
        """Find an arm's pan and roll."""
        signs = arm.turn_signs
        rolls = [index for index in range(1, arm.n_joints) if signs[index]]
        axis_m, offset_rad = (0.0, 0.0), 0.0
        if signs[0]:
            x, y, _ = arm.home.position_m.tolist()
            axis_m = arm.joints[0].at_m[:2]
            bearing = math.atan2(y - axis_m[1], x - axis_m[0])
            offset_rad = round(bearing - signs[0] * arm.q_rest_rad[0], _DECIMALS) + 0.0
        return cls(
            pan_sign=float(signs[0]),
            pan_axis_m=axis_m,
            pan_offset_rad=offset_rad,
            roll=rolls[-1] if rolls else None,
            roll_sign=float(signs[rolls[-1]]) if rolls else 0.0,
            is_complete=bool(arm.heading_signs) and len(rolls) <= 1,
            is_redundant=arm.n_joints > 6,
        )

    def bearing_rad(self, q_rad: Floats, tool_m: Floats) -> float:
        """Return the tool's bearing from the pan's axis.

        Args:
            q_rad: Joint angles, (n,).
            tool_m: The tool point at these angles, (3,). Used for redundant arms, whose pan may stand still while
                the tool swings.
        """
        if self.is_redundant:
            return math.atan2(tool_m.item(1) - self.pan_axis_m[1], tool_m.item(0) - self.pan_axis_m[0])
        return self.pan_offset_rad + self.pan_sign * q_rad.item(0)

    def roll_rad(self, q_rad: Floats) -> float:
        """Return the angle of the roll joint, with the sign of the heading, at joint angles (n,)."""
        return 0.0 if self.roll is None else self.roll_sign * q_rad.item(self.roll)

    def roll_range_rad(self, low_rad: Floats, high_rad: Floats) -> tuple[float, float]:
        """Return the range of the roll joint, with the sign of the heading; infinite without a roll joint.

        Args:
            low_rad: Lower ends of the joint ranges, (n,).
            high_rad: Upper ends, (n,).
        """
        if self.roll is None:
            return -math.inf, math.inf
        ends = self.roll_sign * low_rad.item(self.roll), self.roll_sign * high_rad.item(self.roll)
        return min(ends), max(ends)
