"""Where to push a thing first, so that it comes to its goal without running into what stands in between."""

from collections.abc import Iterable

import numpy as np

from robot_wm.tasks import kind_of
from sim.experts.motion import way_distance_m
from sim.experts.view import View, turned, unit
from sim.experts.wrist import PAN_X_M
from sim.scene import Thing
from sim.snapshot import Floats

FINGERS_M = 0.014  # half the width of what pushes
DETOUR_M = 0.012  # by how much more a way round is laid
BEHIND_M = 0.018  # from a thing's side to the middle of the fingers that come down behind it
ASIDE_M = 0.04  # a short push aside, where the fingers have no room
BLOCKED = 20.0  # metres of detour that a metre of overlap is worth
ROUND = 1.25  # a square seen from above counts as a circle of this times its half width
REACH_M = (0.09, 0.235)  # distances from the pan axis at which the fingers can push all round


def next_stop_m(view: View, name: str, goal_m: Floats) -> Floats:
    """The point (2,) to push a thing to now: the goal where the way is free, else the best way round."""
    thing = view.now.things[name]
    place_m, width_m = thing.position_m[:2], max(thing.half_width_m, FINGERS_M)
    solid = [each for other, each in view.now.things.items() if other != name and kind_of(other) != "pad"]

    def in_the_way_m(stop_m: Floats) -> float:
        way = (stop_m - place_m) / max(float(np.linalg.norm(stop_m - place_m)), 1e-9)
        behind_m = place_m - (thing.half_width_m + BEHIND_M) * way
        return _blocked_m(solid, behind_m, behind_m, FINGERS_M) + _blocked_m(solid, place_m, stop_m, width_m)

    def cost(stop_m: Floats) -> float:
        blocked_m = in_the_way_m(stop_m) + _blocked_m(solid, stop_m, goal_m, width_m)
        return float(np.linalg.norm(stop_m - place_m) + np.linalg.norm(goal_m - stop_m)) + BLOCKED * blocked_m

    if in_the_way_m(goal_m) <= 0.0:
        return goal_m
    aside = [place_m + ASIDE_M * unit(angle) for angle in np.linspace(-np.pi, np.pi, 8, endpoint=False)]
    stops = [*_ways_round(solid, place_m, goal_m, width_m), *aside]
    return min([goal_m, *(stop for stop in stops if _within_reach(stop))], key=cost)


def _ways_round(solid: Iterable[Thing], start_m: Floats, goal_m: Floats, width_m: float) -> list[Floats]:
    """Points beside each thing that stands near the way."""
    way = goal_m - start_m
    side = turned(way) / max(float(np.linalg.norm(way)), 1e-9)
    near = [thing for thing in solid if _overlap_m(thing, start_m, goal_m, width_m) > 0.0]
    far = [width_m + _radius_m(thing) + DETOUR_M for thing in near]
    return [
        thing.position_m[:2] + sign * off * side for thing, off in zip(near, far, strict=True) for sign in (-1.0, 1.0)
    ]


def _blocked_m(solid: Iterable[Thing], start_m: Floats, end_m: Floats, width_m: float) -> float:
    """By how much a strip from start to end overlaps things, summed."""
    return sum(_overlap_m(thing, start_m, end_m, width_m) for thing in solid)


def _overlap_m(thing: Thing, start_m: Floats, end_m: Floats, width_m: float) -> float:
    return max(0.0, width_m + _radius_m(thing) - way_distance_m(thing.position_m[:2], start_m, end_m))


def _radius_m(thing: Thing) -> float:
    return ROUND * thing.half_width_m


def _within_reach(place_m: Floats) -> bool:
    return bool(REACH_M[0] <= np.hypot(place_m[0] - PAN_X_M, place_m[1]) <= REACH_M[1])
