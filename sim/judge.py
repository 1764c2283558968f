"""Judges of goals from the simulator's state, and hindsight: which goals came true, intended or not.

Updated once a control tick. Knows nothing of controllers.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from robot_wm.goals import Task, tasks_on
from robot_wm.types import ArmSpec
from sim.predicates import HOLD_S
from sim.scene import Scene
from sim.skills import SIMULATED, simulated
from sim.snapshot import Snapshot

_EPSILON_S = 1e-6


class Verdict:
    """Tracks over snapshots whether one task's predicate has held for long enough without a break."""

    def __init__(self, task: Task, first: Snapshot, spec: ArmSpec) -> None:
        self.task = task
        self._predicate = simulated(task).predicate(task, first, spec)
        self._since_s: float | None = None  # since when it holds
        self.done = False
        self.already_done = not task.is_refusal and self._predicate.holds(first)
        self.update(first)

    def update(self, now: Snapshot) -> bool:
        """Evaluate a new snapshot and return `done`, which is about now: a goal that is undone again is not done."""
        if not self._predicate.holds(now):
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now.stamp_s
        self.done = self._since_s is not None and now.stamp_s - self._since_s >= self._predicate.hold_s - _EPSILON_S
        return self.done


class Judge:
    """The judge of one goal in a scene; create it at the goal's start and update it every control tick."""

    def __init__(self, task: Task, scene: Scene, first: Snapshot | None = None) -> None:
        self._scene = scene
        self._verdict = Verdict(task, first or Snapshot.of(scene), scene.arm.spec)

    def update(self, now: Snapshot | None = None) -> bool:
        """Evaluate the scene, or a snapshot of it just taken, and return `done`."""
        return self._verdict.update(now or Snapshot.of(self._scene))

    @property
    def done(self) -> bool:
        """Whether the goal's condition holds now and has held for as long as it must."""
        return self._verdict.done

    @property
    def already_done(self) -> bool:
        """Whether the condition was met when the goal was given, so that the episode proves nothing."""
        return self._verdict.already_done


class Hindsight:
    """Finds which goals came true between two moments, for captions of what really happened.

    Evaluates the tasks only on request, over the ticks of the last half second, so that a tick costs next to nothing.
    """

    def __init__(self, first: Snapshot, spec: ArmSpec) -> None:
        self._first = first
        self._spec = spec
        self._recent = deque([first])

    def update(self, now: Snapshot) -> None:
        """Add one control tick."""
        self._recent.append(now)
        while now.stamp_s - self._recent[1].stamp_s >= HOLD_S:
            self._recent.popleft()

    def happened(self) -> list[Task]:
        """Return the tasks that were not done at the first moment and are at the last."""
        return [task for task in possible_tasks(self._first.things) if self._came_true(task)]

    def _came_true(self, task: Task) -> bool:
        predicate = simulated(task).predicate(task, self._first, self._spec)
        if predicate.holds(self._first) or not predicate.holds(self._recent[-1]):
            return False
        verdict = Verdict(task, self._first, self._spec)
        return [verdict.update(each) for each in self._recent][-1]


def happened(snapshots: Iterable[Snapshot], spec: ArmSpec) -> list[Task]:
    """Return which tasks came true from the first of `snapshots` (one a control tick) to the last."""
    ticks = iter(snapshots)
    hindsight = Hindsight(next(ticks), spec)
    for each in ticks:
        hindsight.update(each)
    return hindsight.happened()


def possible_tasks(things: Mapping[str, object]) -> list[Task]:
    """Return every task that moves the arm and names only what is on the table, in a fixed order."""
    return [task for each in SIMULATED for task in tasks_on(each.skill, things)]
