"""Feasible goals on the present table: within reach, unobstructed, not reached already. Play chooses among them."""

from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from robot_wm.types import ArmSpec
from sim.experts.carry import DOWN_M
from sim.experts.push import lane_top_m
from sim.hand import Hand
from sim.judge import possible_tasks
from sim.reach import Reach
from sim.room import is_free
from sim.skills import simulated
from sim.snapshot import Snapshot


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
    skill = simulated(task)
    if skill.prevented(hand) or not _low_enough(task, now, spec, hand) or skill.predicate(task, now, spec).holds(now):
        return False
    if not all(reach.contains(now.things[name].position_m.tolist()) for name in task.names):
        return False
    if task.object is not None and kind_of(task.object) in MOVABLE_KINDS and not is_free(task.object, now):
        return False
    return skill.has_room(task, now, reach)


def _low_enough(task: Task, now: Snapshot, spec: ArmSpec, hand: Hand) -> bool:
    """Return whether the workspace lets the fingers down to what is gripped or pushed."""
    skill, lowest_m = simulated(task), spec.workspace_min_m.item(2)
    if not (skill.grasps or skill.pushes):
        return True
    thing = now.things[str(task.object)]
    if skill.pushes:
        return lowest_m < lane_top_m(thing, hand)
    return lowest_m < max(hand.lowest_m, thing.position_m.item(2)) + DOWN_M
