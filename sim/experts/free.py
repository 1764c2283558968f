"""Moving with an empty hand: reach and home."""

import math

from sim.experts.hand import OPEN, at, empty
from sim.experts.motion import ToolTarget, above_obstacles, ramp, tallest_m
from sim.experts.view import View
from sim.experts.wrist import easy_turn, home_turn

OVER_M = 0.008  # clearance of the fingers above what is under them
ABOVE_MAX_M = 0.02  # of the tool point over a thing's top, where the fingers reach far below it: they straddle it


def reach(view: View) -> ToolTarget:
    """Bring the tip just over the middle of the object."""
    thing = view.object
    place_m = thing.position_m[:2]
    error_m = math.dist(view.tip_m[:2].tolist(), place_m.tolist())
    height_m = thing.top_m + min(view.hand.below_m + OVER_M, ABOVE_MAX_M) + 0.02 * ramp(error_m, 0.01, 0.03)
    target = at(view, place_m, height_m, easy_turn(view, place_m), OPEN)
    return above_obstacles(view, target, _floor_m(view, target, error_m))


def home(view: View) -> ToolTarget:
    """Go to the rest pose."""
    place_m = view.home_m[:2]
    error_m = math.dist(view.tip_m[:2].tolist(), place_m.tolist())
    target = at(view, place_m, view.home_m.item(2), home_turn(view), view.spec.gripper_rest if empty(view) else OPEN)
    return above_obstacles(view, target, _floor_m(view, target, error_m))


def _floor_m(view: View, target: ToolTarget, error_m: float) -> float:
    """Return the height of the tool that keeps the fingers above everything on the way."""
    obstacle_m = tallest_m(view.now.things.values(), view.tip_m, target.position_m, view.hand.open_radius_m)
    return ramp(error_m, 0.01, 0.03) * (obstacle_m + view.hand.below_m + OVER_M)
