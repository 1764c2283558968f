"""Policies that know nothing: what any other one has to beat."""

from typing import Any, final

import numpy as np

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.records import Decision
from robot_wm.types import Observation


@final
class HoldPolicy:
    """Never moves."""

    def start(self, goal: Any) -> None:
        """Any goal will do."""

    def decide(self, observation: Observation) -> Decision:
        still = np.zeros(5)
        still[4] = observation.sent.gripper
        return Decision(still, source="hold")


@final
class RandomPolicy:
    """Uniform over the action bounds, redrawn every `ticks_each` ticks so that it wanders rather than trembles."""

    def __init__(self, seed: int, ticks_each: int = 5) -> None:
        self._rng = np.random.default_rng(seed)
        self._ticks_each = ticks_each
        self._left = 0
        self._action = np.zeros(5)

    def start(self, goal: Any) -> None:
        """Any goal will do."""
        self._left = 0

    def decide(self, observation: Observation) -> Decision:
        if self._left == 0:
            self._action = self._rng.uniform(ACTION_LOW, ACTION_HIGH)
            self._left = self._ticks_each
        self._left -= 1
        return Decision(self._action, source="random")
