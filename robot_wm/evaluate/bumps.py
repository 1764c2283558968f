"""Disturbances: bump a goal's object once per episode, at a tick drawn from the seed."""

import numpy as np

from robot_wm.evaluate.suite import Bumps
from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from robot_wm.records import Tick
from robot_wm.session.events import Event, TickEvent
from robot_wm.station.station import Simulation


class Bumper:
    """A subscriber that bumps the object of `task` once: at its tick, or as soon as the arm does not hold it."""

    def __init__(self, simulation: Simulation, bumps: Bumps | None, task: Task, seed: int) -> None:
        self.done = False
        self._simulation, self._seed = simulation, seed
        movable = task.object is not None and kind_of(task.object) in MOVABLE_KINDS
        self._object = task.object if bumps is not None and movable else None
        chance = np.random.default_rng([seed, 3])
        self._due = int(chance.integers(bumps.earliest_tick, bumps.latest_tick + 1)) if bumps is not None else 0

    def __call__(self, event: Event) -> None:
        """Bump the object after a tick, if due."""
        if isinstance(event, TickEvent):
            self.after(event.tick)

    def after(self, tick: Tick) -> None:
        """Bump the object after `tick`, if due."""
        if self._object is not None and not self.done and tick.number >= self._due:
            self.done = self._simulation.bump(self._object, self._seed)
