"""How far to turn the hand for a wanted heading without running the roll joint into its stops.

With the tool pointing down, the jaw axis heads where pan and roll say (`sim.turning`).
"""

import math
from collections.abc import Callable, Iterable

from sim.experts.view import View, wrapped
from sim.snapshot import Floats

MARGIN_RAD = 0.15  # kept from the stops of the roll joint
EASY_ROLL_RAD = 1.2  # a hand that may be turned any way keeps its roll within this of the rest pose's


def turn_for(view: View, place_m: Floats, headings: Iterable[float], cost: Callable[[float], float]) -> float:
    """Return the turn (rad, signed) to the best of some headings at a place (2,): short, within the stops, of low cost.

    0 where none is within the stops. No cost is negative.
    """
    best_rad, least = 0.0, math.inf
    for heading in headings:
        turns = [turn for turn in _turns(view, place_m, heading) if abs(turn) < least]
        price = cost(heading) if turns else 0.0  # never negative, and slow to compute
        for turn in turns:
            if abs(turn) + price < least:
                best_rad, least = turn, abs(turn) + price
    return best_rad


def easy_turn(view: View, place_m: Floats) -> float:
    """Return the turn (rad) that lets the hand go along with the pan to a place (2,), its roll well within range."""
    turning = view.turning
    roll, rest = turning.roll_rad(view.sent_q_rad), turning.roll_rad(view.spec.q_rest_rad)
    return min(max(roll, rest - EASY_ROLL_RAD), rest + EASY_ROLL_RAD) - roll + _pan_change(view, place_m)


def home_turn(view: View) -> float:
    """Return the turn (rad) that is left to the rest pose's heading, unwound to the rest pose's roll."""
    turning, q, rest = view.turning, view.sent_q_rad, view.spec.q_rest_rad
    pan, pan_rest = (turning.pan_sign * each.item(0) for each in (q, rest))
    left = (turning.roll_rad(rest) - turning.roll_rad(q)) + (pan_rest - pan)
    if turning.is_whole:
        return left
    short = wrapped(view.home_heading_rad - view.sent_heading_rad)
    return short + 2 * math.pi * round((left - short) / (2 * math.pi))


def _turns(view: View, place_m: Floats, heading: float) -> list[float]:
    """Return the turns that end at a heading with the roll within its stops."""
    ends = view.turning.roll_range_rad(view.spec.q_min_rad, view.spec.q_max_rad)
    low, high = ends[0] + MARGIN_RAD, ends[1] - MARGIN_RAD
    short = wrapped(heading - view.sent_heading_rad)
    start = view.turning.roll_rad(view.sent_q_rad) - _pan_change(view, place_m)
    return [turn for turn in (short - 2 * math.pi, short, short + 2 * math.pi) if low <= start + turn <= high]


def _pan_change(view: View, place_m: Floats) -> float:
    """Return how much further the pan will have turned the tool at a place (2,), rad about base z."""
    if view.turning.pan_sign == 0.0:
        return 0.0
    (x, y), (x_axis, y_axis) = place_m.tolist(), view.turning.pan_axis_m
    change = math.atan2(y - y_axis, x - x_axis) - view.turning.bearing_rad(view.sent_q_rad)
    return change if view.turning.is_whole else wrapped(change)
