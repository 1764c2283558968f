"""Checks for room on the table for a goal: within reach, accessible to the gripper, no obstacles.

Pure geometry over a snapshot. Knows no phase of an expert.
"""

import math

import numpy as np

from robot_wm.goals import DIRECTIONS, MOVABLE_KINDS, Task, kind_of
from sim.experts.motion import segment_distance_m
from sim.predicates import on_table, over, rests_in
from sim.reach import Reach
from sim.snapshot import Snapshot
from sim.thing import Thing

PUSH_M = 0.065
BEHIND_M = 0.03  # room that the closed fingers need behind what they push
BESIDE_M = 0.012  # and beside it, beyond its own width


def is_free(name: str, now: Snapshot) -> bool:
    """Return whether a movable thing is accessible to the gripper: in no bin, with nothing on it."""
    thing = now.things[name]
    in_bin = any(kind_of(other) == "bin" and over(thing, each) for other, each in now.things.items())
    covered = any(_stands_on(each, thing) for other, each in now.things.items() if other != name)
    return not in_bin and not covered


def _stands_on(thing: Thing, below: Thing) -> bool:
    (x, y, z), (x_below, y_below, _) = thing.position_m.tolist(), below.position_m.tolist()
    near = math.hypot(x - x_below, y - y_below) < thing.half_width_m + below.half_width_m
    return near and z > below.top_m


def always(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Return True: the skill needs no room."""
    return True


def room_to_push(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Return whether the path ahead is within reach and free of bins, and so is the place behind the object."""
    thing, direction = now.things[str(task.object)], np.array(DIRECTIONS[str(task.direction)])
    end_m = thing.position_m[:2] + PUSH_M * direction
    start_m = thing.position_m[:2] - (thing.half_width_m + BEHIND_M) * direction
    bins = [each for name, each in now.things.items() if kind_of(name) == "bin"]
    width_m = thing.half_width_m + BESIDE_M
    path = *start_m.tolist(), *end_m.tolist()
    free = all(segment_distance_m(*each.position_m[:2].tolist(), *path) > width_m + each.half_width_m for each in bins)
    return free and on_table(thing) and reach.contains(start_m.tolist()) and reach.contains(end_m.tolist())


def room_to_push_to(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Return whether the object stands on the table; the expert finds a path around obstacles."""
    return on_table(now.things[str(task.object)])


def room_in_bin(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Return whether nothing lies in the bin."""
    bin_ = now.things[str(task.target)]
    return not any(kind_of(name) in MOVABLE_KINDS and rests_in(thing, bin_) for name, thing in now.things.items())


def room_on_top(task: Task, now: Snapshot, reach: Reach) -> bool:
    """Return whether the target stands on the table with nothing on it."""
    target = str(task.target)
    return is_free(target, now) and on_table(now.things[target])
