"""From a wish ("the tool there, turned so, the gripper so") to an action, over the heads of what stands about.

Everything is a continuous function of the present state, so that a network can learn it: heights blend in where they
are needed, horizontal motion fades where the tool is too low for it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.actions import ACTION_HIGH
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
    near = 1.0 - ramp(float(np.linalg.norm(wish.position_m - view.tip_m)), 0.005, 0.02)
    sag_m = near * np.clip(view.sent_m - view.tip_m, -SAG_M, SAG_M)
    gap_m = wish.position_m + sag_m - view.sent_m
    action = np.empty(5, dtype=np.float32)
    action[:2] = _shortened(gap_m[:2], wish.step_m)
    action[2] = np.clip(gap_m[2], -STEP_M, STEP_M)
    action[3] = np.clip(wish.turn_rad, -TURN_RAD, TURN_RAD)
    action[4] = np.clip(wish.gripper, 0.0, 1.0)
    return action


def _shortened(gap_m: Floats, step_m: float) -> Floats:
    """The gap, scaled down where it is longer than a step in x or y, so that the path stays straight."""
    return gap_m * min(1.0, step_m / max(float(np.abs(gap_m).max()), 1e-9))


def over_the_heads(view: View, wish: Wish, floor_m: float) -> Wish:
    """The wish, at least `floor_m` high, its horizontal part faded where the tool is lower than it should be."""
    height_m = max(float(wish.position_m[2]), floor_m)
    lacking_m = max(floor_m, height_m - FADE_M) - view.tip_m[2]
    share = float(np.clip(1.0 - lacking_m / FADE_M, 0.0, 1.0))
    place_m = view.tip_m[:2] + share * (wish.position_m[:2] - view.tip_m[:2])
    return Wish(np.array([*place_m, height_m]), wish.turn_rad, wish.gripper, wish.step_m)


def tallest_m(things: Iterable[Thing], start_m: Floats, end_m: Floats, radius_m: float) -> float:
    """Top of the highest thing within `radius_m` of the straight way from start to end seen from above, or 0."""
    near = [
        each
        for each in things
        if way_distance_m(each.position_m[:2], start_m[:2], end_m[:2]) < radius_m + each.half_width_m
    ]
    return max((top_m(each) for each in near), default=0.0)


def way_distance_m(point_m: Floats, start_m: Floats, end_m: Floats) -> float:
    """Distance of a point to the way between two others in the plane, all (2,)."""
    (x, y), (x_start, y_start), (x_end, y_end) = point_m.tolist(), start_m.tolist(), end_m.tolist()
    dx, dy = x_end - x_start, y_end - y_start
    share = ((x - x_start) * dx + (y - y_start) * dy) / max(dx * dx + dy * dy, 1e-12)
    share = min(max(share, 0.0), 1.0)
    return math.hypot(x_start + share * dx - x, y_start + share * dy - y)


def top_m(thing: Thing) -> float:
    """Height of a thing's top above the table."""
    return float(thing.position_m[2] + thing.half_height_m)


def underside_m(thing: Thing) -> float:
    """Height of a thing's underside above the table."""
    return float(thing.position_m[2] - thing.half_height_m)


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return min(max((float(value) - low) / (high - low), 0.0), 1.0)
