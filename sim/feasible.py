"""Which goals make sense on a table as it is now: within reach, not in each other's way, not reached already.

Pure geometry over a snapshot. Used to choose goals for play; knows no phase of an expert.
"""

import math

import numpy as np

from robot_wm.goals import DIRECTIONS, MOVABLE_KINDS, Task, kind_of
from robot_wm.types import ArmSpec
from sim.experts import GRASPING, PUSHING
from sim.experts.motion import way_distance_m
from sim.hand import Hand
from sim.judge import possible_tasks
from sim.predicates import PREDICATES, on_table, over, rests_in
from sim.reach import Reach
from sim.scene import Thing
from sim.snapshot import Snapshot

PUSH_M = 0.065
BEHIND_M = 0.03  # room that the closed fingers need behind what they push
BESIDE_M = 0.012  # and beside it, beyond its own width


def feasible_tasks(now: Snapshot, spec: ArmSpec, reach: Reach, hand: Hand) -> list[Task]:
    """Return every task worth trying from here, in a fixed order.

    Args:
        now: The table and the arm.
        spec: The arm.
        reach: Where on the table the arm works.
        hand: What its hand can do.
    """
    return [task for task in possible_tasks(now.things) if feasible(task, now, spec, reach, hand)]


def feasible(task: Task, now: Snapshot, spec: ArmSpec, reach: Reach, hand: Hand) -> bool:
    """Return whether a task can be tried from here and is not done."""
    if unable(task, hand) or PREDICATES[task.skill](task, now, spec).holds(now):
        return False
    if not all(reach.contains(now.things[name].position_m.tolist()) for name in task.names):
        return False
    if task.object is not None and kind_of(task.object) in MOVABLE_KINDS and not _free(task.object, now):
        return False
    return _ROOM.get(task.skill, _always)(task, now, reach)


def unable(task: Task, hand: Hand) -> str:
    """Return why a hand cannot do a task at all, or nothing."""
    if task.skill in GRASPING:
        return hand.cannot_grip
    return hand.cannot_push if task.skill in PUSHING else ""


def _free(name: str, now: Snapshot) -> bool:
    """Whether a movable thing stands upright where a hand can get at it: in no bin, with nothing on it."""
    thing = now.things[name]
    in_bin = any(kind_of(other) == "bin" and over(thing, each) for other, each in now.things.items())
    covered = any(_stands_on(each, thing) for other, each in now.things.items() if other != name)
    return not in_bin and not covered


def _stands_on(thing: Thing, below: Thing) -> bool:
    (x, y, z), (x_below, y_below, _) = thing.position_m.tolist(), below.position_m.tolist()
    near = math.hypot(x - x_below, y - y_below) < thing.half_width_m + below.half_width_m
    return near and z > below.top_m


def _always(task: Task, now: Snapshot, reach: Reach) -> bool:
    return True


def _room_to_push(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Whether the way ahead is within reach and free of bins, and so is the place behind."""
    thing, way = now.things[str(task.object)], np.array(DIRECTIONS[str(task.direction)])
    end_m = thing.position_m[:2] + PUSH_M * way
    start_m = thing.position_m[:2] - (thing.half_width_m + BEHIND_M) * way
    bins = [each for name, each in now.things.items() if kind_of(name) == "bin"]
    width_m = thing.half_width_m + BESIDE_M
    free = all(way_distance_m(each.position_m[:2], start_m, end_m) > width_m + each.half_width_m for each in bins)
    return free and on_table(thing) and reach.contains(start_m.tolist()) and reach.contains(end_m.tolist())


def _room_to_push_to(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Whether the object stands on the table; a way round what is between is found as one goes."""
    return on_table(now.things[str(task.object)])


def _room_in_bin(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Whether nothing lies in the bin."""
    bin_ = now.things[str(task.target)]
    return not any(kind_of(name) in MOVABLE_KINDS and rests_in(thing, bin_) for name, thing in now.things.items())


def _room_on_top(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Whether the target stands on the table with nothing on it."""
    target = str(task.target)
    return _free(target, now) and on_table(now.things[target])


_ROOM = {"push": _room_to_push, "push_to": _room_to_push_to, "place": _room_in_bin, "stack": _room_on_top}
