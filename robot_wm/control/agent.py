"""The interface of agents: instructions or goals in, decisions and estimates out, or a refusal.

Implemented by planner, action head, scripted expert, random, hold, keyboard and script. Knows no model, no simulator
and no arm.
"""

from abc import ABC, abstractmethod
from typing import Protocol

from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.types import Goal, Observation


class Decides(Protocol):
    """The part of an agent that the control loop uses."""

    def decide(self, observation: Observation) -> Decision:
        """Choose the action of one tick."""
        ...


class Agent(ABC):
    """Pursues goals, one at a time. Every implementation passes `tests/contracts/agent_contract.py`.

    Call order: `reset` once per session, `understand` once per instruction, `start` once per goal, `decide` once per
    tick.
    """

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Begin a session: clear all state, and seed everything that varies between sessions."""

    @abstractmethod
    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        """Translate an instruction into goals, given the current observation, or refuse it with a reason.

        Raises:
            InstructionError: The instruction is not valid text.
        """

    @abstractmethod
    def start(self, task: Task | None, observation: Observation) -> Goal | None:
        """Start pursuing a goal.

        Args:
            task: The goal; None to run without one.
            observation: The current observation.

        Returns:
            The goal's point in goal space, if the agent has one.

        Raises:
            RefusedError: This agent cannot pursue such a goal.
        """

    @abstractmethod
    def decide(self, observation: Observation) -> Decision:
        """Choose the action of one tick. Requires `start` first."""

    @abstractmethod
    def describe(self) -> AgentRecord:
        """Return a record from which this agent can be rebuilt; it is stored in logs."""


def accept_given(instruction: Instruction, refuse_none: bool = True) -> Understanding | Refusal | None:
    """Return the goals that come with an instruction, or None if it has only text.

    Args:
        instruction: Text, with or without goals.
        refuse_none: Whether to refuse the goal "none", which means that nothing is to be moved.
    """
    if instruction.goals is None:
        return None
    if refuse_none and any(task.is_refusal for task in instruction.goals):
        return Refusal("told to do nothing", "none")
    words = ", then ".join(task.words() for task in instruction.goals)
    return Understanding(instruction.goals, 1.0, words or instruction.text)
