"""Which way the hand is turned: how far to turn for a wanted heading without running the wrist into its stops.

With the tool pointing down, the jaw axis heads where the wrist's roll says, less what the shoulder has panned.
"""

from collections.abc import Callable, Iterable

import numpy as np

from sim.experts.view import View, wrapped
from sim.snapshot import Floats

PAN_X_M = 0.0388  # the shoulder's axis in the base frame
MARGIN_RAD = 0.15  # kept from the stops of the roll joint
EASY_ROLL_RAD = 1.2  # a hand that may be turned any way keeps its roll within this


def turn_for(view: View, place_m: Floats, headings: Iterable[float], cost: Callable[[float], float]) -> float:
    """The turn (rad, signed) to the best of some headings at a place (2,): short, within the stops, of low cost."""
    options = [(turn, heading) for heading in headings for turn in _turns(view, place_m, heading)]
    if not options:
        return 0.0
    return min(options, key=lambda each: abs(each[0]) + cost(each[1]))[0]


def easy_turn(view: View, place_m: Floats) -> float:
    """The turn (rad) that lets the hand go along with the shoulder to a place (2,), its roll well within range."""
    roll = float(np.clip(view.sent_q_rad[-1], -EASY_ROLL_RAD, EASY_ROLL_RAD))
    return roll - view.sent_q_rad[-1] - _pan_change(view, place_m)


def _turns(view: View, place_m: Floats, heading: float) -> list[float]:
    """The turns that end at a heading with the roll within its stops."""
    low, high = view.spec.q_min_rad[-1] + MARGIN_RAD, view.spec.q_max_rad[-1] - MARGIN_RAD
    short = wrapped(heading - view.sent_heading_rad)
    start = view.sent_q_rad[-1] + _pan_change(view, place_m)
    return [turn for turn in (short - 2 * np.pi, short, short + 2 * np.pi) if low <= start + turn <= high]


def _pan_change(view: View, place_m: Floats) -> float:
    """How much further the shoulder will have panned at a place (2,)."""
    return float(-np.arctan2(place_m[1], place_m[0] - PAN_X_M) - view.sent_q_rad[0])
