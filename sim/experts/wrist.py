"""How far to turn the hand for a given heading without running the roll joint into its stops.

With the tool pointing down, pan and roll decide where the jaw axis heads (`sim.pan_roll`).
"""

import math
from collections.abc import Callable, Iterable

from sim.experts.view import View, wrapped
from sim.snapshot import Floats

MARGIN_RAD = 0.15  # kept from the stops of the roll joint
EASY_ROLL_RAD = 1.2  # where the heading is free, the roll stays within this of the rest pose's


def turn_for(view: View, place_m: Floats, headings: Iterable[float], cost: Callable[[float], float]) -> float:
    """Return the best turn at a place: short, within the stops, of low cost.

    Args:
        view: The present moment.
        place_m: Where the tool will be, (2,).
        headings: Acceptable angles of the jaw axis about base z, rad.
        cost: The cost of a heading, 0 or more, comparable with radians of turning.

    Returns:
        The signed turn, rad; 0 where no heading is within the stops.
    """
    best_rad, least = 0.0, math.inf
    for heading in headings:
        turns = [turn for turn in _turns(view, place_m, heading) if abs(turn) < least]
        price = cost(heading) if turns else 0.0  # slow to compute
        for turn in turns:
            if abs(turn) + price < least:
                best_rad, least = turn, abs(turn) + price
    return best_rad


def easy_turn(view: View, place_m: Floats) -> float:
    """Return the turn (rad) that lets the hand follow the pan to a place (2,), its roll well within range."""
    arm = view.pan_roll
    roll, rest = arm.roll_rad(view.sent_q_rad), arm.roll_rad(view.spec.q_rest_rad)
    return min(max(roll, rest - EASY_ROLL_RAD), rest + EASY_ROLL_RAD) - roll + _pan_change(view, place_m)


def home_turn(view: View) -> float:
    """Return the turn (rad) that is left to the rest pose's heading, unwound to the rest pose's roll."""
    arm, q, rest = view.pan_roll, view.sent_q_rad, view.spec.q_rest_rad
    pan, pan_rest = (arm.pan_sign * each.item(0) for each in (q, rest))
    left = (arm.roll_rad(rest) - arm.roll_rad(q)) + (pan_rest - pan)
    if arm.is_complete:
        return left
    short = wrapped(view.home_heading_rad - view.sent_heading_rad)
    return short + 2 * math.pi * round((left - short) / (2 * math.pi))


def _turns(view: View, place_m: Floats, heading: float) -> list[float]:
    """Return the turns that end at a heading with the roll within its stops."""
    ends = view.pan_roll.roll_range_rad(view.spec.q_min_rad, view.spec.q_max_rad)
    low, high = ends[0] + MARGIN_RAD, ends[1] - MARGIN_RAD
    short = wrapped(heading - view.sent_heading_rad)
    start = view.pan_roll.roll_rad(view.sent_q_rad) - _pan_change(view, place_m)
    return [turn for turn in (short - 2 * math.pi, short, short + 2 * math.pi) if low <= start + turn <= high]


def _pan_change(view: View, place_m: Floats) -> float:
    """Return how much further the pan will have turned the tool at a place (2,), rad about base z."""
    arm = view.pan_roll
    if arm.pan_sign == 0.0:
        return 0.0
    (x, y), (x_axis, y_axis) = place_m.tolist(), arm.pan_axis_m
    change = math.atan2(y - y_axis, x - x_axis) - arm.bearing_rad(view.sent_q_rad, view.sent_m)
    return change if arm.is_complete else wrapped(change)
