"""From a target of the tool (pose and gripper opening) to an action, passing above obstacles.

Everything is a continuous function of the present state, so that a network can learn it: heights blend in where they
are needed, and horizontal motion fades where the tool is too low for it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH
from sim.experts.view import View
from sim.snapshot import Floats
from sim.thing import Thing

STEP_M = float(ACTION_HIGH[0])
TURN_RAD = float(ACTION_HIGH[3])
SAG_M = 0.008  # largest steady-state error of the servos that is compensated, near the goal
FADE_M = 0.02  # horizontal motion fades from full to none over this much missing height


@dataclass(frozen=True)
class ToolTarget:
    """Where the tool should be, and the gripper's opening there."""

    position_m: Floats  # (3,) base frame
    turn_rad: float  # by how much the hand should still turn, signed, about base z
    gripper: float  # opening in [0, 1]
    step_m: float = STEP_M  # largest step a tick in x and in y


def toward(view: View, target: ToolTarget) -> NDArray[np.float32]:
    """Return the action (5,) that moves the commanded pose towards the target."""
    goal_m, tip_m, sent_m = target.position_m.tolist(), view.tip_m.tolist(), view.sent_m.tolist()
    near = 1.0 - ramp(math.dist(goal_m, tip_m), 0.005, 0.02)
    sag_m = [near * _clipped(sent - tip, SAG_M) for sent, tip in zip(sent_m, tip_m, strict=True)]
    dx, dy, dz = (goal + sag - sent for goal, sag, sent in zip(goal_m, sag_m, sent_m, strict=True))
    share = min(1.0, target.step_m / max(abs(dx), abs(dy), 1e-9))  # of both alike, so that the path stays straight
    turn_rad, gripper = _clipped(target.turn_rad, TURN_RAD), min(max(target.gripper, 0.0), 1.0)
    return np.array([share * dx, share * dy, _clipped(dz, STEP_M), turn_rad, gripper], dtype=np.float32)


def _clipped(value: float, most: float) -> float:
    return min(max(value, -most), most)


def above_obstacles(view: View, target: ToolTarget, floor_m: float) -> ToolTarget:
    """Return the target raised to at least `floor_m`, horizontal motion faded where the tool is still too low."""
    (x, y, z), (tip_x, tip_y, tip_z) = target.position_m.tolist(), view.tip_m.tolist()
    height_m = max(z, floor_m)
    lacking_m = max(floor_m, height_m - FADE_M) - tip_z
    share = min(max(1.0 - lacking_m / FADE_M, 0.0), 1.0)
    position_m = np.array([tip_x + share * (x - tip_x), tip_y + share * (y - tip_y), height_m])
    return ToolTarget(position_m, target.turn_rad, target.gripper, target.step_m)


def tallest_m(things: Iterable[Thing], start_m: Floats, end_m: Floats, radius_m: float) -> float:
    """Return the top of the highest thing within `radius_m` of a straight path seen from above, or 0.

    Args:
        things: Candidate obstacles.
        start_m: Start of the path, (2,) or (3,).
        end_m: Its end, likewise.
        radius_m: Half the width of what moves along it.
    """
    (x_start, y_start), (x_end, y_end) = start_m[:2].tolist(), end_m[:2].tolist()
    tallest = 0.0
    for each in things:
        x, y, _ = each.position_m.tolist()
        if segment_distance_m(x, y, x_start, y_start, x_end, y_end) < radius_m + each.half_width_m:
            tallest = max(tallest, each.top_m)
    return tallest


def segment_distance_m(x: float, y: float, x_start: float, y_start: float, x_end: float, y_end: float) -> float:
    """Return the distance of the point (x, y) to a line segment in the plane, m."""
    dx, dy = x_end - x_start, y_end - y_start
    share = ((x - x_start) * dx + (y - y_start) * dy) / max(dx * dx + dy * dy, 1e-12)
    share = min(max(share, 0.0), 1.0)
    return math.hypot(x_start + share * dx - x, y_start + share * dy - y)


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high`, linear in between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)
