"""A thing on the table: its true pose and size, and the table of all things as numbers. Knows no simulator."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.goals import NAMES
from robot_wm.types import Floats


@dataclass(frozen=True)
class Thing:
    """Something on the table, base frame. A bin's half width is measured between its walls.

    Widths and heights are of the upright thing; `half_rise_m` is of its present pose.
    """

    position_m: Floats  # (3,) centre
    yaw_rad: float  # of its sides, in (-pi/4, pi/4]; 0 for cylinders
    half_width_m: float
    half_height_m: float
    half_rise_m: float  # half its extent along z
    speed_m_s: float

    @property
    def underside_m(self) -> float:
        """The height of its lowest point above the table."""
        return self.position_m.item(2) - self.half_rise_m

    @property
    def top_m(self) -> float:
        """The height of its highest point above the table."""
        return self.position_m.item(2) + self.half_rise_m


def table_of(things: Mapping[str, Thing]) -> NDArray[np.float32]:
    """Return float32 (24, 6), a row for each of `goals.NAMES`: present, x, y, z, yaw, half width; zeros if absent."""
    rows = np.zeros((len(NAMES), 6), dtype=np.float32)
    for name, thing in things.items():
        rows[NAMES.index(name)] = [1.0, *thing.position_m.tolist(), thing.yaw_rad, thing.half_width_m]
    return rows


def side_angle_rad(rotation: Sequence[float]) -> float:
    """Return the angle about base z of a box's sides in (-pi/4, pi/4], whichever face it lies on; rotation (9,)."""
    across = [abs(each) for each in rotation[6:]]
    flattest = across.index(min(across))
    angle = math.atan2(rotation[3 + flattest], rotation[flattest])
    return math.pi / 4 - (math.pi / 4 - angle) % (math.pi / 2)


def half_rise_m(upright: Sequence[float], half_width_m: float, half_height_m: float, is_round: bool) -> float:
    """Return half the extent along z of a box or cylinder; `upright` (3,) are the z components of its axes."""
    x, y, z = (abs(each) for each in upright)
    return half_width_m * (math.hypot(x, y) if is_round else x + y) + half_height_m * z
