"""Pushing with the closed fingers, low beside the object: some centimetres in a direction, or onto a pad."""

import math

import numpy as np

from robot_wm.goals import DIRECTIONS, kind_of
from sim.experts.hand import CLOSED, OPEN, at, empty
from sim.experts.motion import ToolTarget, above_obstacles, ramp, segment_distance_m, tallest_m
from sim.experts.route import BEHIND_M, ROUND, next_waypoint_m
from sim.experts.view import View, turned, unit
from sim.experts.wrist import turn_for
from sim.hand import Hand
from sim.snapshot import Floats
from sim.thing import Thing

PUSH_M = 0.064  # how far a push goes
AHEAD_M = 0.06  # the point ahead on its line at which a push is aimed, so that drift is corrected
ARRIVED_M = 0.004
STAGE_M = 0.012  # between the pushing face and the object when the fingers descend
SWEEP_M = 0.015  # step a tick while pushing: things tip over if it is faster
JAW_LEAN_M = 0.012  # from the fingers' middle to that of the moving jaw, which leans outwards, some way up
FLAT_M = 0.004  # a thing of half this height is no obstacle
LANE_M = 0.012  # sideways error within which the fingers may push


def push(view: View) -> ToolTarget:
    """Push the object some centimetres in a direction, along the line through its place at the goal's start."""
    along_x, along_y = DIRECTIONS[str(view.task.direction)]
    (x, y), (x_start, y_start) = _place_m(view.object), _place_m(view.first.things[str(view.task.object)])
    gone_m = (x - x_start) * along_x + (y - y_start) * along_y
    ahead_m = gone_m + AHEAD_M
    return shove(view, np.array([x_start + ahead_m * along_x, y_start + ahead_m * along_y]), PUSH_M - gone_m)


def push_to(view: View) -> ToolTarget:
    """Push the object to the middle of the pad, around obstacles."""
    gap_m = math.dist(_place_m(view.target), _place_m(view.object))
    near_m = 0.35 * view.target.half_width_m
    return shove(view, next_waypoint_m(view, str(view.task.object), view.target.position_m[:2]), gap_m - near_m)


def shove(view: View, aim_m: Floats, remaining_m: float) -> ToolTarget:
    """Push the object towards a point (2,), for `remaining_m` metres more."""
    thing = view.object
    direction = aim_m - thing.position_m[:2]
    direction = direction / max(math.hypot(*direction.tolist()), 1e-9)
    turn_rad = _turn(view, direction)
    axis = unit(view.sent_heading_rad + turn_rad)
    extent_m = _extent_m(view, thing, direction)
    contact_m = thing.position_m[:2] - (extent_m + view.hand.face_m) * direction  # of the fingers' middle
    offset = _fist_m(view) - contact_m
    behind_m, beside_m = -float(offset @ direction), float(offset @ turned(direction))
    if remaining_m < ARRIVED_M:
        return _leave(view, direction, behind_m)
    if behind_m > -0.006 and abs(beside_m) < LANE_M and view.tip_m.item(2) < lane_top_m(thing, view.hand):
        return _sweep(view, contact_m, direction, axis, remaining_m, beside_m, turn_rad)
    return _approach(view, contact_m - STAGE_M * direction, axis, turn_rad, behind_m, beside_m)


def _sweep(
    view: View, contact_m: Floats, direction: Floats, axis: Floats, remaining_m: float, beside_m: float, turn_rad: float
) -> ToolTarget:
    """Push on along the lane; the farther off its middle, the slower."""
    ahead = ramp(LANE_M - abs(beside_m), 0.0, 0.6 * LANE_M)
    fist_m = contact_m + ahead * remaining_m * direction
    place_m = fist_m + view.hand.fist_m * axis
    x, y = place_m.tolist()
    return ToolTarget(np.array([x, y, view.hand.lowest_m + 0.002]), turn_rad, CLOSED, SWEEP_M)


def _approach(
    view: View, stage_m: Floats, axis: Floats, turn_rad: float, behind_m: float, beside_m: float
) -> ToolTarget:
    """Move above obstacles to the place behind the object and descend there with closed fingers."""
    error_m = abs(beside_m) if behind_m > 0.004 else math.dist(_fist_m(view).tolist(), stage_m.tolist())
    others = view.others() if behind_m <= 0.004 else view.others(str(view.task.object))
    goal_m = stage_m + view.hand.fist_m * axis
    obstacle_m = tallest_m(others, _fist_m(view), stage_m, view.hand.closed_radius_m)
    unready = max(ramp(error_m, 0.008, 0.025), ramp(view.now.gripper, 0.05, 0.15), ramp(abs(turn_rad), 0.2, 0.6))
    low_m, high_m = view.hand.lowest_m + 0.002, view.object.top_m + view.hand.below_m + 0.01
    floor_m = ramp(error_m, 0.008, 0.025) * (obstacle_m + view.hand.below_m + 0.008)
    gripper = CLOSED if empty(view) else OPEN
    return above_obstacles(view, at(view, goal_m, low_m + unready * (high_m - low_m), turn_rad, gripper), floor_m)


def _leave(view: View, direction: Floats, behind_m: float) -> ToolTarget:
    """Move the fingers off the object and stay there."""
    back_m = max(0.0, 0.01 - behind_m) if behind_m > -0.02 else 0.0
    return at(view, view.tip_m[:2] - back_m * direction, view.tip_m.item(2), 0.0, CLOSED)


def _turn(view: View, direction: Floats) -> float:
    """Return the turn (rad) with which the sides of both fingers push, or the fixed finger's outside.

    The moving jaw leans outwards, so it should be behind or on the side that has room.
    """
    (direction_x, direction_y), (x, y) = direction.tolist(), _place_m(view.object)
    angle = math.atan2(direction_y, direction_x)
    solid = [each for each in view.others(str(view.task.object)) if each.half_height_m > FLAT_M]
    lean_m = 0.0 if view.hand.fixed_m is None else JAW_LEAN_M

    def crowding(heading: float) -> float:
        lane_x = x + lean_m * math.cos(heading) - view.object.half_width_m * direction_x
        lane_y = y + lean_m * math.sin(heading) - view.object.half_width_m * direction_y
        behind = lane_x - BEHIND_M * direction_x, lane_y - BEHIND_M * direction_y
        ahead = lane_x + AHEAD_M * direction_x, lane_y + AHEAD_M * direction_y
        gaps = (segment_distance_m(*_place_m(each), *behind, *ahead) - ROUND * each.half_width_m for each in solid)
        return 200.0 * sum(max(0.0, view.hand.closed_radius_m - gap) for gap in gaps)

    headings = angle + math.pi / 2, angle - math.pi / 2, angle + math.pi
    return turn_for(view, view.object.position_m[:2], headings, crowding)


def _place_m(thing: Thing) -> tuple[float, float]:
    """Return x, y of a thing on the table."""
    x, y, _ = thing.position_m.tolist()
    return x, y


def _fist_m(view: View) -> Floats:
    """Return the middle of the closed fingers, (2,): they meet at the fixed one."""
    return view.tip_m[:2] - view.hand.fist_m * unit(view.now.heading_rad)


def _extent_m(view: View, thing: Thing, direction: Floats) -> float:
    """Return how far a thing extends from its centre along a direction (2,)."""
    if kind_of(str(view.task.object)) != "cube":
        return thing.half_width_m
    angle = math.atan2(direction.item(1), direction.item(0)) - thing.yaw_rad
    return thing.half_width_m * (abs(math.cos(angle)) + abs(math.sin(angle)))


def lane_top_m(thing: Thing, hand: Hand) -> float:
    """Return the tool's height below which the fingers meet a thing's side."""
    return thing.top_m + hand.below_m - 0.008
