"""Which way the hand is turned: how far to turn for a wanted heading without running the wrist into its stops.

With the tool pointing down, the jaw axis heads where the wrist's roll says, less what the shoulder has panned.
"""

import math
from collections.abc import Callable, Iterable

from sim.experts.view import View, wrapped
from sim.snapshot import Floats

PAN_X_M = 0.0388  # the shoulder's axis in the base frame
MARGIN_RAD = 0.15  # kept from the stops of the roll joint
EASY_ROLL_RAD = 1.2  # a hand that may be turned any way keeps its roll within this


def turn_for(view: View, place_m: Floats, headings: Iterable[float], cost: Callable[[float], float]) -> float:
    """The turn (rad, signed) to the best of some headings at a place (2,): short, within the stops, of low cost.

    0 where none is within the stops. No cost is negative.
    """
    best_rad, least = 0.0, math.inf
    for heading in headings:
        turns = [turn for turn in _turns(view, place_m, heading) if abs(turn) < least]
        price = cost(heading) if turns else 0.0  # never negative, and dear to ask
        for turn in turns:
            if abs(turn) + price < least:
                best_rad, least = turn, abs(turn) + price
    return best_rad


def easy_turn(view: View, place_m: Floats) -> float:
    """The turn (rad) that lets the hand go along with the shoulder to a place (2,), its roll well within range."""
    roll = view.sent_q_rad.item(-1)
    return min(max(roll, -EASY_ROLL_RAD), EASY_ROLL_RAD) - roll - _pan_change(view, place_m)


def _turns(view: View, place_m: Floats, heading: float) -> list[float]:
    """The turns that end at a heading with the roll within its stops."""
    low, high = view.spec.q_min_rad.item(-1) + MARGIN_RAD, view.spec.q_max_rad.item(-1) - MARGIN_RAD
    short = wrapped(heading - view.sent_heading_rad)
    start = view.sent_q_rad.item(-1) + _pan_change(view, place_m)
    return [turn for turn in (short - 2 * math.pi, short, short + 2 * math.pi) if low <= start + turn <= high]


def _pan_change(view: View, place_m: Floats) -> float:
    """How much further the shoulder will have panned at a place (2,)."""
    x, y = place_m.tolist()
    return -math.atan2(y, x - PAN_X_M) - view.sent_q_rad.item(0)
