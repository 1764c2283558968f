"""What the gripper holds or could close on."""

import math

import numpy as np

from robot_wm.goals import MOVABLE_KINDS, kind_of
from sim.experts.motion import ToolTarget, tallest_m
from sim.experts.view import View
from sim.snapshot import Floats
from sim.thing import Thing

OPEN = 1.0
CLOSED = 0.0
SQUEEZE = 0.04  # a command this far below the measured opening squeezes
NEAR_M = 0.01  # a thing without support this close below it is held


def between_jaws(view: View, thing: Thing, slack_m: float = 0.0) -> bool:
    """Return whether a thing's centre is where closing the jaws would grasp it."""
    (x, y, z), (tip_x, tip_y, tip_z) = thing.position_m.tolist(), view.tip_m.tolist()
    dx, dy, cos, sin = x - tip_x, y - tip_y, math.cos(view.now.heading_rad), math.sin(view.now.heading_rad)
    along = dx * cos + dy * sin - view.hand.held_at_m(thing.half_width_m)  # 0 as held
    across, above = abs(dy * cos - dx * sin), abs(z - tip_z)
    fits = -0.006 - slack_m < along < 0.012 + slack_m and across < 0.007 + slack_m
    return fits and above < thing.half_height_m + slack_m


def closing_on(view: View, thing: Thing) -> bool:
    """Return whether the jaws squeeze a thing, are commanded to, or carry its weight anyway."""
    if not between_jaws(view, thing, 0.006):
        return False
    return view.sent_gripper < view.now.gripper - SQUEEZE or (_tight(view, thing) and not _supported(view, thing))


def holds(view: View, thing: Thing) -> bool:
    """Return whether the gripper has closed on a thing between its jaws."""
    return closing_on(view, thing) and _tight(view, thing)


def _tight(view: View, thing: Thing) -> bool:
    """Return whether the jaws are no wider apart than a thing, which may lie on its side."""
    return view.now.gripper < view.hand.opening_for(2 * max(thing.half_width_m, thing.half_height_m)) + 0.04


def _supported(view: View, thing: Thing) -> bool:
    """Return whether a thing has the table or another thing close under it."""
    below = [each for each in view.now.things.values() if each is not thing and each.top_m < thing.position_m.item(2)]
    return thing.underside_m - tallest_m(below, thing.position_m, thing.position_m, thing.half_width_m) < NEAR_M


def held_name(view: View) -> str | None:
    """Return the name of what the gripper holds, if anything."""
    movable = (name for name in view.now.things if kind_of(name) in MOVABLE_KINDS)
    return next((name for name in movable if holds(view, view.now.things[name])), None)


def empty(view: View, slack_m: float = 0.012) -> bool:
    """Return whether nothing is between the jaws."""
    movable = (thing for name, thing in view.now.things.items() if kind_of(name) in MOVABLE_KINDS)
    return not any(between_jaws(view, thing, slack_m) for thing in movable)


def stay(view: View, gripper: float) -> ToolTarget:
    """Return the target that keeps the tool where it is."""
    return ToolTarget(view.tip_m, 0.0, gripper)


def at(view: View, place_m: Floats, height_m: float, turn_rad: float, gripper: float) -> ToolTarget:
    """Return the target at a place in the plane (2,) and a height."""
    return ToolTarget(np.array([place_m[0], place_m[1], height_m]), turn_rad, gripper)
