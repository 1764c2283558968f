"""From a wish ("the tool there, turned so, the gripper so") to an action, over the heads of what stands about.

Everything is a continuous function of the present state, so that a network can learn it: heights blend in where they
are needed, horizontal motion fades where the tool is too low for it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH
from sim.experts.view import View
from sim.scene import Thing
from sim.snapshot import Floats

STEP_M = float(ACTION_HIGH[0])
TURN_RAD = float(ACTION_HIGH[3])
SAG_M = 0.008  # at most this much of what the servos fall short of the command is made up for, near the goal
FADE_M = 0.02  # over this much missing height horizontal motion fades from full to none


@dataclass(frozen=True)
class Wish:
    """Where the tool should be."""

    position_m: Floats  # (3,) base frame
    turn_rad: float  # by how much the hand should still turn, signed
    gripper: float  # opening
    step_m: float = STEP_M  # at most this much of the way a tick in x and in y


def toward(view: View, wish: Wish) -> NDArray[np.float32]:
    """The action (5,) that brings the commanded pose to the wish."""
    goal_m, tip_m, sent_m = wish.position_m.tolist(), view.tip_m.tolist(), view.sent_m.tolist()
    near = 1.0 - ramp(math.dist(goal_m, tip_m), 0.005, 0.02)
    sag_m = [near * _clipped(sent - tip, SAG_M) for sent, tip in zip(sent_m, tip_m, strict=True)]
    dx, dy, dz = (goal + sag - sent for goal, sag, sent in zip(goal_m, sag_m, sent_m, strict=True))
    share = min(1.0, wish.step_m / max(abs(dx), abs(dy), 1e-9))  # of both alike, so that the path stays straight
    turn_rad, gripper = _clipped(wish.turn_rad, TURN_RAD), min(max(wish.gripper, 0.0), 1.0)
    return np.array([share * dx, share * dy, _clipped(dz, STEP_M), turn_rad, gripper], dtype=np.float32)


def _clipped(value: float, most: float) -> float:
    return min(max(value, -most), most)


def over_the_heads(view: View, wish: Wish, floor_m: float) -> Wish:
    """The wish, at least `floor_m` high, its horizontal part faded where the tool is lower than it should be."""
    (x, y, z), (tip_x, tip_y, tip_z) = wish.position_m.tolist(), view.tip_m.tolist()
    height_m = max(z, floor_m)
    lacking_m = max(floor_m, height_m - FADE_M) - tip_z
    share = min(max(1.0 - lacking_m / FADE_M, 0.0), 1.0)
    position_m = np.array([tip_x + share * (x - tip_x), tip_y + share * (y - tip_y), height_m])
    return Wish(position_m, wish.turn_rad, wish.gripper, wish.step_m)


def tallest_m(things: Iterable[Thing], start_m: Floats, end_m: Floats, radius_m: float) -> float:
    """Top of the highest thing within `radius_m` of the straight way from start to end seen from above, or 0."""
    (x_start, y_start), (x_end, y_end) = start_m[:2].tolist(), end_m[:2].tolist()
    tallest = 0.0
    for each in things:
        x, y, _ = each.position_m.tolist()
        if way_distance(x, y, x_start, y_start, x_end, y_end) < radius_m + each.half_width_m:
            tallest = max(tallest, each.top_m)
    return tallest


def way_distance_m(point_m: Floats, start_m: Floats, end_m: Floats) -> float:
    """Distance of a point to the way between two others in the plane, all (2,)."""
    return way_distance(*point_m.tolist(), *start_m.tolist(), *end_m.tolist())


def way_distance(x: float, y: float, x_start: float, y_start: float, x_end: float, y_end: float) -> float:
    """`way_distance_m` of plain numbers."""
    dx, dy = x_end - x_start, y_end - y_start
    share = ((x - x_start) * dx + (y - y_start) * dy) / max(dx * dx + dy * dy, 1e-12)
    share = min(max(share, 0.0), 1.0)
    return math.hypot(x_start + share * dx - x, y_start + share * dy - y)


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)
