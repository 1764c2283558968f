"""Waypoints for pushing a thing to its goal around obstacles."""

import math

import numpy as np

from robot_wm.goals import kind_of
from sim.experts.motion import segment_distance_m
from sim.experts.view import View
from sim.snapshot import Floats
from sim.thing import Thing

FINGERS_M = 0.014  # half the width of what pushes
DETOUR_M = 0.012  # extra clearance of a waypoint beside an obstacle
BEHIND_M = 0.018  # from a thing's side to the middle of the fingers that descend behind it
ASIDE_M = 0.04  # a short push aside, where the fingers have no room
BLOCKED = 20.0  # metres of detour that a metre of overlap is worth
ROUND = 1.25  # a square seen from above counts as a circle of this times its half width

Point = tuple[float, float]  # x, y on the table, m
Circle = tuple[float, float, float]  # x, y and radius of a thing seen from above, m


def next_waypoint_m(view: View, name: str, goal_m: Floats) -> Floats:
    """Return the point (2,) to push a thing to now: the goal where the path is free, else the best waypoint."""
    thing, goal = view.now.things[name], _point(goal_m)
    place, width_m = _point(thing.position_m[:2]), max(thing.half_width_m, FINGERS_M)
    solid = [_circle(each) for other, each in view.now.things.items() if other != name and kind_of(other) != "pad"]

    def blocked_first_m(waypoint: Point) -> float:
        share = (thing.half_width_m + BEHIND_M) / max(math.dist(waypoint, place), 1e-9)
        behind = place[0] - share * (waypoint[0] - place[0]), place[1] - share * (waypoint[1] - place[1])
        return _blocked_m(solid, behind, behind, FINGERS_M) + _blocked_m(solid, place, waypoint, width_m)

    def cost(waypoint: Point) -> float:
        blocked_m = blocked_first_m(waypoint) + _blocked_m(solid, waypoint, goal, width_m)
        return math.dist(waypoint, place) + math.dist(goal, waypoint) + BLOCKED * blocked_m

    if blocked_first_m(goal) <= 0.0:
        return goal_m
    waypoints = [*_points_around(solid, place, goal, width_m), *_points_aside(place)]
    within_m = view.reach.area.push_radius_m
    return np.array(
        min([goal, *(waypoint for waypoint in waypoints if view.reach.contains(waypoint, within_m))], key=cost)
    )


def _point(place_m: Floats) -> Point:
    x, y = place_m.tolist()
    return x, y


def _circle(thing: Thing) -> Circle:
    return *_point(thing.position_m[:2]), ROUND * thing.half_width_m


def _points_around(solid: list[Circle], start: Point, goal: Point, width_m: float) -> list[Point]:
    """Return points beside each obstacle near the straight path."""
    long_m = max(math.dist(goal, start), 1e-9)
    side = -(goal[1] - start[1]) / long_m, (goal[0] - start[0]) / long_m
    near = [each for each in solid if _overlap_m(each, start, goal, width_m) > 0.0]
    far = [(x, y, sign * (width_m + radius + DETOUR_M)) for x, y, radius in near for sign in (-1.0, 1.0)]
    return [(x + off * side[0], y + off * side[1]) for x, y, off in far]


def _points_aside(start: Point) -> list[Point]:
    """Return points a short push away in eight directions."""
    angles = [math.pi * (eighth / 4 - 1) for eighth in range(8)]
    return [(start[0] + ASIDE_M * math.cos(angle), start[1] + ASIDE_M * math.sin(angle)) for angle in angles]


def _blocked_m(solid: list[Circle], start: Point, end: Point, width_m: float) -> float:
    """Return the summed overlap of a strip from start to end with obstacles, m."""
    return sum(_overlap_m(each, start, end, width_m) for each in solid)


def _overlap_m(circle: Circle, start: Point, end: Point, width_m: float) -> float:
    x, y, radius_m = circle
    return max(0.0, width_m + radius_m - segment_distance_m(x, y, *start, *end))
