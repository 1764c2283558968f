"""Baseline agents: hold still, and random actions."""

from typing import final

import numpy as np

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.agents.reader import Reader, only_given
from robot_wm.control.agent import Agent, accept_given
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.types import Observation


@final
class HoldAgent(Agent):
    """Never moves. `read` interprets instructions without goals."""

    def __init__(self, read: Reader = only_given) -> None:
        self._read = read

    def reset(self, seed: int) -> None:
        """Do nothing: this agent has no state and no randomness."""

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        return accept_given(instruction, refuse_none=False) or self._read(instruction.text)

    def start(self, task: Task | None, observation: Observation) -> None:
        """Accept any goal."""

    def decide(self, observation: Observation) -> Decision:
        still = np.zeros(len(ACTION_LOW))
        still[-1] = observation.sent.gripper
        return Decision(still, source="hold")

    def describe(self) -> AgentRecord:
        return AgentRecord("hold", given=True)


@final
class RandomAgent(Agent):
    """Draws uniformly from the action bounds, every `ticks_each` ticks so that the arm wanders instead of jittering."""

    def __init__(self, seed: int = 0, ticks_each: int = 5, read: Reader = only_given) -> None:
        self._seed, self._ticks_each, self._read = seed, ticks_each, read
        self._begin()

    def reset(self, seed: int) -> None:
        self._seed = seed
        self._begin()

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        return accept_given(instruction, refuse_none=False) or self._read(instruction.text)

    def start(self, task: Task | None, observation: Observation) -> None:
        """Accept any goal, and restart the sequence of draws."""
        self._begin()

    def decide(self, observation: Observation) -> Decision:
        if self._ticks_left == 0:
            self._action = self._rng.uniform(ACTION_LOW, ACTION_HIGH)
            self._ticks_left = self._ticks_each
        self._ticks_left -= 1
        return Decision(self._action, source="random")

    def describe(self) -> AgentRecord:
        return AgentRecord("random", seed=self._seed, given=True)

    def _begin(self) -> None:
        self._rng = np.random.default_rng(self._seed)
        self._ticks_left = 0
        self._action = np.zeros(len(ACTION_LOW))
