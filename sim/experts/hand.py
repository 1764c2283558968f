"""What the gripper holds, and what it could close on."""

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
NEAR_M = 0.01  # a thing with nothing this close under it hangs in the air


def between_jaws(view: View, thing: Thing, slack_m: float = 0.0) -> bool:
    """Whether a thing's centre is where closing the jaws would take hold of it."""
    (x, y, z), (tip_x, tip_y, tip_z) = thing.position_m.tolist(), view.tip_m.tolist()
    dx, dy, cos, sin = x - tip_x, y - tip_y, math.cos(view.now.heading_rad), math.sin(view.now.heading_rad)
    along = dx * cos + dy * sin - view.hand.held_at_m(thing.half_width_m)  # 0 as held
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
    return view.now.gripper < view.hand.opening_for(2 * max(thing.half_width_m, thing.half_height_m)) + 0.04


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
