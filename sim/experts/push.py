"""Pushing with the closed fingers, low beside the object: a given way for some centimetres, or onto a pad."""

import math

import numpy as np

from robot_wm.goals import DIRECTIONS, kind_of
from sim.experts.hand import CLOSED, OPEN, at, empty
from sim.experts.motion import Wish, over_the_heads, ramp, tallest_m, way_distance
from sim.experts.route import BEHIND_M, ROUND, next_stop_m
from sim.experts.view import View, turned, unit
from sim.experts.wrist import turn_for
from sim.hand import Hand
from sim.scene import Thing
from sim.snapshot import Floats

PUSH_M = 0.064  # how far a push goes
AHEAD_M = 0.06  # the point ahead on its line at which a push is aimed, so that drift is corrected
ARRIVED_M = 0.004
STAGE_M = 0.012  # left between that face and the object when the fingers come down
SWEEP_M = 0.015  # a tick while pushing: faster, and things tip over
JAW_LEAN_M = 0.012  # from the fingers' middle to that of the leaning moving jaw, some way up
FLAT_M = 0.004  # a thing of half this height is no obstacle
LANE_M = 0.012  # sideways error within which the fingers may push


def push(view: View) -> Wish:
    """Push the object some centimetres one way, along the line it stood on when the goal was given."""
    along_x, along_y = DIRECTIONS[str(view.task.direction)]
    (x, y), (x_start, y_start) = _place_m(view.object), _place_m(view.first.things[str(view.task.object)])
    gone_m = (x - x_start) * along_x + (y - y_start) * along_y
    ahead_m = gone_m + AHEAD_M
    return shove(view, np.array([x_start + ahead_m * along_x, y_start + ahead_m * along_y]), PUSH_M - gone_m)


def push_to(view: View) -> Wish:
    """Push the object to the middle of the pad, round what stands in between."""
    gap_m = math.dist(_place_m(view.target), _place_m(view.object))
    near_m = 0.35 * view.target.half_width_m
    return shove(view, next_stop_m(view, str(view.task.object), view.target.position_m[:2]), gap_m - near_m)


def shove(view: View, aim_m: Floats, remaining_m: float) -> Wish:
    """Push the object towards a point (2,), for `remaining_m` metres more."""
    thing = view.object
    way = aim_m - thing.position_m[:2]
    way = way / max(math.hypot(*way.tolist()), 1e-9)
    turn_rad = _turn(view, way)
    axis = unit(view.sent_heading_rad + turn_rad)
    contact_m = thing.position_m[:2] - (_extent_m(view, thing, way) + view.hand.face_m) * way  # of the fingers' middle
    offset = _fist_m(view) - contact_m
    behind_m, beside_m = -float(offset @ way), float(offset @ turned(way))
    if remaining_m < ARRIVED_M:
        return _leave(view, way, behind_m)
    if behind_m > -0.006 and abs(beside_m) < LANE_M and view.tip_m.item(2) < lane_top_m(thing, view.hand):
        return _sweep(view, contact_m, way, axis, remaining_m, beside_m, turn_rad)
    return _approach(view, contact_m - STAGE_M * way, axis, turn_rad, behind_m, beside_m)


def _sweep(
    view: View, contact_m: Floats, way: Floats, axis: Floats, remaining_m: float, beside_m: float, turn_rad: float
) -> Wish:
    """Go on along the lane; the further off its middle, the less forward."""
    ahead = ramp(LANE_M - abs(beside_m), 0.0, 0.6 * LANE_M)
    fist_m = contact_m + ahead * remaining_m * way
    place_m = fist_m + view.hand.fist_m * axis
    x, y = place_m.tolist()
    return Wish(np.array([x, y, view.hand.lowest_m + 0.002]), turn_rad, CLOSED, SWEEP_M)


def _approach(view: View, stage_m: Floats, axis: Floats, turn_rad: float, behind_m: float, beside_m: float) -> Wish:
    """Go over the heads to the place behind the object and come down there with closed fingers."""
    error_m = abs(beside_m) if behind_m > 0.004 else math.dist(_fist_m(view).tolist(), stage_m.tolist())
    others = view.others() if behind_m <= 0.004 else view.others(str(view.task.object))
    goal_m = stage_m + view.hand.fist_m * axis
    heads_m = tallest_m(others, _fist_m(view), stage_m, view.hand.closed_radius_m)
    unready = max(ramp(error_m, 0.008, 0.025), ramp(view.now.gripper, 0.05, 0.15), ramp(abs(turn_rad), 0.2, 0.6))
    low_m, high_m = view.hand.lowest_m + 0.002, view.object.top_m + view.hand.below_m + 0.01
    floor_m = ramp(error_m, 0.008, 0.025) * (heads_m + view.hand.below_m + 0.008)
    gripper = CLOSED if empty(view) else OPEN
    return over_the_heads(view, at(view, goal_m, low_m + unready * (high_m - low_m), turn_rad, gripper), floor_m)


def _leave(view: View, way: Floats, behind_m: float) -> Wish:
    """Take the fingers off the object and stay there."""
    back_m = max(0.0, 0.01 - behind_m) if behind_m > -0.02 else 0.0
    return at(view, view.tip_m[:2] - back_m * way, view.tip_m.item(2), 0.0, CLOSED)


def _turn(view: View, way: Floats) -> float:
    """The turn with which the sides of both fingers push, or the fixed finger's outside.

    The moving jaw leans outwards, so it should be behind or on the side that has room.
    """
    (way_x, way_y), (x, y) = way.tolist(), _place_m(view.object)
    angle = math.atan2(way_y, way_x)
    solid = [each for each in view.others(str(view.task.object)) if each.half_height_m > FLAT_M]

    lean_m = 0.0 if view.hand.fixed_m is None else JAW_LEAN_M

    def crowding(heading: float) -> float:
        lane_x = x + lean_m * math.cos(heading) - view.object.half_width_m * way_x
        lane_y = y + lean_m * math.sin(heading) - view.object.half_width_m * way_y
        behind = lane_x - BEHIND_M * way_x, lane_y - BEHIND_M * way_y
        ahead = lane_x + AHEAD_M * way_x, lane_y + AHEAD_M * way_y
        gaps = (way_distance(*_place_m(each), *behind, *ahead) - ROUND * each.half_width_m for each in solid)
        return 200.0 * sum(max(0.0, view.hand.closed_radius_m - gap) for gap in gaps)

    headings = angle + math.pi / 2, angle - math.pi / 2, angle + math.pi
    return turn_for(view, view.object.position_m[:2], headings, crowding)


def _place_m(thing: Thing) -> tuple[float, float]:
    """Where a thing is on the table, seen from above."""
    x, y, _ = thing.position_m.tolist()
    return x, y


def _fist_m(view: View) -> Floats:
    """The middle of the closed fingers, (2,): they meet at the fixed one."""
    return view.tip_m[:2] - view.hand.fist_m * unit(view.now.heading_rad)


def _extent_m(view: View, thing: Thing, way: Floats) -> float:
    """How far a thing reaches from its centre along a direction."""
    if kind_of(str(view.task.object)) != "cube":
        return thing.half_width_m
    angle = math.atan2(way.item(1), way.item(0)) - thing.yaw_rad
    return thing.half_width_m * (abs(math.cos(angle)) + abs(math.sin(angle)))


def lane_top_m(thing: Thing, hand: Hand) -> float:
    """Return the tool's height below which the fingers meet a thing's side."""
    return thing.top_m + hand.below_m - 0.008
