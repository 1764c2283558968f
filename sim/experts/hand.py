"""The gripper as the experts know it: its size, and what it holds. One finger is fixed, the other swings."""

import math

import numpy as np

from robot_wm.goals import MOVABLE_KINDS, kind_of
from sim.experts.motion import Wish, tallest_m
from sim.experts.view import View
from sim.scene import Thing
from sim.snapshot import Floats

OPEN = 1.0
CLOSED = 0.0
SQUEEZE = 0.04  # a command this far below the measured opening is a wish to hold
FIXED_M = 0.015  # from the tool point to the fixed finger's inner face
JAW_M = 0.075  # from the moving jaw's pivot down to the tool point
PARALLEL_RAD = math.radians(11.4)  # the jaw's angle at which both fingers are parallel, 2 FIXED_M apart
JAW_RANGE_RAD = math.radians(40.0)
JAW_MIN_RAD = math.radians(-10.0)  # where the opening is 0
BELOW_M = 0.010  # how far the fingers reach below the tool point
LOWEST_M = BELOW_M + 0.004  # the tool point's height with the fingers just above the table
NEAR_M = 0.01  # a thing with nothing this close under it hangs in the air
HAND_M = 0.035  # radius kept from others by the open hand
FIST_M = 0.018  # radius of the closed fingers


def opening_for(width_m: float) -> float:
    """The opening in [0, 1] at which the jaws are `width_m` apart at the tool point."""
    sine = min(max((width_m - 2 * FIXED_M) / JAW_M, -1.0), 1.0)
    return min(max((PARALLEL_RAD + math.asin(sine) - JAW_MIN_RAD) / JAW_RANGE_RAD, 0.0), 1.0)


def between_jaws(view: View, thing: Thing, slack_m: float = 0.0) -> bool:
    """Whether a thing's centre is where closing the jaws would take hold of it."""
    (x, y, z), (tip_x, tip_y, tip_z) = thing.position_m.tolist(), view.tip_m.tolist()
    dx, dy, cos, sin = x - tip_x, y - tip_y, math.cos(view.now.heading_rad), math.sin(view.now.heading_rad)
    along = dx * cos + dy * sin - (thing.half_width_m - FIXED_M)  # 0 with the thing flat on the fixed finger
    across, above = abs(dy * cos - dx * sin), abs(z - tip_z)
    fits = -0.006 - slack_m < along < 0.012 + slack_m and across < 0.007 + slack_m
    return fits and above < thing.half_height_m + slack_m


def closing_on(view: View, thing: Thing) -> bool:
    """Whether the jaws press, or move to press, on a thing, or bear it up without being told to."""
    if not between_jaws(view, thing, 0.006):
        return False
    return view.sent_gripper < view.now.gripper - SQUEEZE or (_tight(view, thing) and not _supported(view, thing))


def holds(view: View, thing: Thing) -> bool:
    """Whether the gripper has a thing between its jaws and has closed on it."""
    return closing_on(view, thing) and _tight(view, thing)


def _tight(view: View, thing: Thing) -> bool:
    """Whether the jaws are no wider apart than a thing, which may lie on its side."""
    return view.now.gripper < opening_for(2 * max(thing.half_width_m, thing.half_height_m)) + 0.04


def _supported(view: View, thing: Thing) -> bool:
    """Whether a thing has the table or another thing close under it."""
    below = [each for each in view.now.things.values() if each is not thing and each.top_m < thing.position_m.item(2)]
    return thing.underside_m - tallest_m(below, thing.position_m, thing.position_m, thing.half_width_m) < NEAR_M


def held_name(view: View) -> str | None:
    """The name of what is in the hand."""
    movable = (name for name in view.now.things if kind_of(name) in MOVABLE_KINDS)
    return next((name for name in movable if holds(view, view.now.things[name])), None)


def empty(view: View, slack_m: float = 0.012) -> bool:
    """Whether nothing is between the jaws."""
    movable = (thing for name, thing in view.now.things.items() if kind_of(name) in MOVABLE_KINDS)
    return not any(between_jaws(view, thing, slack_m) for thing in movable)


def stay(view: View, gripper: float) -> Wish:
    """Where the tool is."""
    return Wish(view.tip_m, 0.0, gripper)


def at(view: View, place_m: Floats, height_m: float, turn_rad: float, gripper: float) -> Wish:
    """A wish from a place in the plane (2,) and a height."""
    return Wish(np.array([place_m[0], place_m[1], height_m]), turn_rad, gripper)
