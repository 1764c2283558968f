"""Grasping a thing and carrying it: lift, place, stack, and putting down something else that is held."""

import math

from robot_wm.goals import kind_of
from sim.experts.hand import CLOSED, OPEN, at, between_jaws, closing_on, holds, stay
from sim.experts.motion import ToolTarget, above_obstacles, ramp, segment_distance_m, tallest_m
from sim.experts.view import View, unit
from sim.experts.wrist import easy_turn, turn_for
from sim.predicates import CLEAR_M, LIFT_M, on_table, over
from sim.thing import Thing

GAP_M = 0.006  # between a thing and the fixed finger while the hand descends
AWAY_M = 0.006  # between a released thing and the fixed finger before the hand rises
HOVER_M = 0.012  # of the fingers above a thing's top before they descend
NEAR_M = 0.005  # horizontal error at which the hand may close
DOWN_M = 0.006  # likewise, vertical error
TURNED_RAD = 0.12  # likewise, error of the heading
READY = 0.15  # opening beyond a thing's width with which the hand may descend
DROP_M = 0.004  # a thing is released this high above its support
AROUND_M = 0.012  # clearance of a carried thing above what it passes over


def lift(view: View) -> ToolTarget:
    """Grasp the object and raise it."""
    thing = view.object
    if not holds(view, thing):
        return pick(view, str(view.task.object))
    height_m = view.tip_m.item(2) - thing.underside_m + LIFT_M + 0.02
    return at(view, view.tip_m[:2], height_m, 0.0, CLOSED)


def place(view: View) -> ToolTarget:
    """Put the object in the bin."""
    bin_ = view.target
    if holds(view, view.object):
        return bring(view, bin_.top_m - 0.002, 0.012)
    if over(view.object, bin_) and view.object.underside_m < bin_.top_m + 0.02:
        return withdraw(view, view.object)
    return pick(view, str(view.task.object))


def stack(view: View) -> ToolTarget:
    """Stack the object on the target."""
    top = view.target.top_m
    if holds(view, view.object):
        return bring(view, top + DROP_M, 0.004)
    if over(view.object, view.target) and -0.01 < view.object.underside_m - top < 0.02:
        return withdraw(view, view.object)
    return pick(view, str(view.task.object))


def pick(view: View, name: str) -> ToolTarget:
    """Pick a thing up to the point where the jaws, descended flat on its sides, have closed on it."""
    thing = view.now.things[name]
    if closing_on(view, thing):
        return stay(view, CLOSED)
    turn_rad = grasp_turn(view, name)
    beside_m = view.hand.beside_m(thing.half_width_m, GAP_M)
    place_m = thing.position_m[:2] + beside_m * unit(view.sent_heading_rad + turn_rad)
    height_m = max(view.hand.lowest_m, thing.position_m.item(2))
    error_m = math.dist(view.tip_m[:2].tolist(), place_m.tolist())
    wide = view.now.gripper > view.hand.opening_for(2 * thing.half_width_m) + READY
    down = abs(view.tip_m.item(2) - height_m) < DOWN_M
    if error_m < NEAR_M and down and wide and abs(turn_rad) < TURNED_RAD:
        return at(view, place_m, height_m, turn_rad, CLOSED)
    return _come_down(view, name, at(view, place_m, height_m, turn_rad, OPEN), error_m)


def _come_down(view: View, name: str, goal: ToolTarget, error_m: float) -> ToolTarget:
    """Return the goal raised by how unready place, turn and opening are, and by obstacles on the way."""
    thing = view.now.things[name]
    missing = view.hand.opening_for(2 * thing.half_width_m) + READY - view.now.gripper
    unready = max(ramp(error_m, 0.004, 0.012), ramp(abs(goal.turn_rad), 0.1, 0.4), ramp(missing, 0.0, 0.05))
    low_m = goal.position_m.item(2)
    hover_m = thing.top_m + view.hand.below_m + HOVER_M - low_m
    raised = at(view, goal.position_m[:2], low_m + unready * hover_m, goal.turn_rad, goal.gripper)
    obstacle_m = tallest_m(view.others(name), view.tip_m, goal.position_m, view.hand.open_radius_m)
    floor_m = ramp(error_m, 0.01, 0.03) * (obstacle_m + view.hand.below_m + 0.008 if obstacle_m > 0.0 else 0.0)
    return above_obstacles(view, raised, floor_m)


def bring(view: View, height_m: float, tolerance_m: float) -> ToolTarget:
    """Bring the object over the target, lower its underside to `height_m` and release it."""
    thing, goal = view.object, view.target
    hang_m = view.tip_m.item(2) - thing.underside_m
    error = goal.position_m[:2] - thing.position_m[:2]
    error_m = math.hypot(*error.tolist())
    if error_m < tolerance_m + 0.001 and thing.underside_m < height_m + 0.004:
        return stay(view, OPEN)
    place_m = view.tip_m[:2] + error
    others = view.others(str(view.task.object), str(view.task.target))
    obstacle_m = max(goal.top_m, tallest_m(others, thing.position_m, goal.position_m, thing.half_width_m + 0.02))
    above = ramp(error_m, tolerance_m, tolerance_m + 0.015)
    level_m = height_m + above * (obstacle_m + AROUND_M - height_m)
    target = at(view, place_m, hang_m + level_m, easy_turn(view, place_m), CLOSED)
    return above_obstacles(view, target, 0.0)


def withdraw(view: View, thing: Thing) -> ToolTarget:
    """Withdraw: open the jaws in place, move the fixed finger off the thing, then rise clear of it."""
    axis = unit(view.now.heading_rad)
    shift_m = view.hand.beside_m(thing.half_width_m, AWAY_M) - float((view.tip_m[:2] - thing.position_m[:2]) @ axis)
    beside = between_jaws(view, thing, 0.012)
    place_m = view.tip_m[:2] + (shift_m if beside else 0.0) * axis
    width = view.hand.opening_for(2 * thing.half_width_m)
    loose = ramp(view.now.gripper, width + 0.08, width + 0.14) if beside else 1.0
    free = loose * (ramp(-abs(shift_m), -0.005, -0.002) if beside else 1.0)
    clear_m = thing.top_m + CLEAR_M + 0.015
    tip_m = view.tip_m.item(2)
    height_m = tip_m + free * max(0.0, clear_m - tip_m)
    return at(view, place_m, height_m, 0.0, OPEN)


def put_down(view: View, name: str) -> ToolTarget:
    """Set what the hand holds down on whatever is under it."""
    thing = view.now.things[name]
    place_m = thing.position_m
    below = [each for each in view.others(name) if each.top_m < thing.underside_m + 0.01]
    ground_m = tallest_m(below, place_m, place_m, thing.half_width_m)
    gap_m = thing.underside_m - ground_m
    if gap_m < DROP_M + 0.003:
        return stay(view, OPEN)
    return at(view, view.tip_m[:2], view.tip_m.item(2) - gap_m + DROP_M, 0.0, CLOSED)


def grasp_turn(view: View, name: str) -> float:
    """Return the turn (rad) to a heading for a grasp: jaws flat on a cube's sides, clear of neighbours, short."""
    thing = view.now.things[name]
    if kind_of(name) == "cube":
        headings = [thing.yaw_rad + quarter * math.pi / 2 for quarter in range(4)]
        return turn_for(view, thing.position_m[:2], headings, lambda heading: _crowding(view, name, heading))
    easy = easy_turn(view, thing.position_m[:2])
    headings = [view.sent_heading_rad + easy + twelfth * math.pi / 6 for twelfth in range(12)]
    if _crowding(view, name, headings[0]) <= 0.0:
        return easy
    return turn_for(view, thing.position_m[:2], headings, lambda heading: _crowding(view, name, heading))


def _crowding(view: View, name: str, heading_rad: float) -> float:
    """Return the cost of a heading at which the open fingers come near neighbours, comparable with radians."""
    thing, cos, sin = view.now.things[name], math.cos(heading_rad), math.sin(heading_rad)
    x, y, _ = thing.position_m.tolist()
    back, near, far = (thing.half_width_m + reach for reach in (GAP_M + 0.004, 0.01, 0.045))
    fixed = x - back * cos, y - back * sin
    swing = x + near * cos, y + near * sin, x + far * cos, y + far * sin
    return 200.0 * sum(_overlap_m(each, fixed, swing) for each in view.others(name) if not _flat(each))


def _overlap_m(thing: Thing, fixed: tuple[float, float], swing: tuple[float, float, float, float]) -> float:
    """Return by how much the fixed finger (2,) and the path of the moving one (4,) come too near a thing."""
    x, y, _ = thing.position_m.tolist()
    gap_m = min(math.dist((x, y), fixed), segment_distance_m(x, y, *swing))
    return max(0.0, thing.half_width_m + 0.014 - gap_m)


def _flat(thing: Thing) -> bool:
    return on_table(thing) and thing.half_height_m < 0.005
