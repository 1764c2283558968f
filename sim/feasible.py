"""Which goals make sense on a table as it is now: within reach, not in each other's way, not reached already.

Used to choose goals for play.
"""

from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from robot_wm.types import ArmSpec
from sim.judge import possible_tasks
from sim.room import is_free, within_reach
from sim.skills import simulated
from sim.snapshot import Snapshot


def feasible_tasks(now: Snapshot, spec: ArmSpec) -> list[Task]:
    """Return every task worth trying from here, in a fixed order."""
    return [task for task in possible_tasks(now.things) if feasible(task, now, spec)]


def feasible(task: Task, now: Snapshot, spec: ArmSpec) -> bool:
    """Return whether a task can be tried from here and is not done."""
    skill = simulated(task)
    if skill.predicate(task, now, spec).holds(now):
        return False
    if not all(within_reach(now.things[name].position_m) for name in task.names):
        return False
    if task.object is not None and kind_of(task.object) in MOVABLE_KINDS and not is_free(task.object, now):
        return False
    return skill.has_room(task, now)
