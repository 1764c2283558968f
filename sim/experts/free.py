"""Going somewhere with nothing in the hand: reach and home."""

import math

from sim.experts.hand import OPEN, at, empty
from sim.experts.motion import Wish, over_the_heads, ramp, tallest_m
from sim.experts.view import View
from sim.experts.wrist import easy_turn, home_turn

OVER_M = 0.008  # kept between the fingers and what is under them
ABOVE_MAX_M = 0.02  # of the tool point over a thing's top, where the fingers reach far below it: they straddle it


def reach(view: View) -> Wish:
    """Bring the tip just over the middle of the object."""
    thing = view.object
    place_m = thing.position_m[:2]
    error_m = math.dist(view.tip_m[:2].tolist(), place_m.tolist())
    height_m = thing.top_m + min(view.hand.below_m + OVER_M, ABOVE_MAX_M) + 0.02 * ramp(error_m, 0.01, 0.03)
    wish = at(view, place_m, height_m, easy_turn(view, place_m), OPEN)
    return over_the_heads(view, wish, _floor_m(view, wish, error_m))


def home(view: View) -> Wish:
    """Go to the rest pose."""
    place_m = view.home_m[:2]
    error_m = math.dist(view.tip_m[:2].tolist(), place_m.tolist())
    wish = at(view, place_m, view.home_m.item(2), home_turn(view), view.spec.gripper_rest if empty(view) else OPEN)
    return over_the_heads(view, wish, _floor_m(view, wish, error_m))


def _floor_m(view: View, wish: Wish, error_m: float) -> float:
    """The height of the tool that keeps the fingers over everything on the way."""
    heads_m = tallest_m(view.now.things.values(), view.tip_m, wish.position_m, view.hand.open_radius_m)
    return ramp(error_m, 0.01, 0.03) * (heads_m + view.hand.below_m + OVER_M)
