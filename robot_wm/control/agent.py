"""The seam between what decides and what runs it: text or goals in, decisions and beliefs out, or a refusal.

Planner, action head, scripted expert, random, hold, keyboard and script all implement `Agent`. Knows no model, no
simulator and no arm.
"""

from abc import ABC, abstractmethod
from typing import Protocol

from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.types import Goal, Observation


class Decides(Protocol):
    """The part of an agent that the control loop uses."""

    def decide(self, observation: Observation) -> Decision:
        """Decide what to do now."""
        ...


class Agent(ABC):
    """Pursues goals, one at a time. Every implementation passes `tests/contracts/agent_contract.py`.

    Called in this order: `reset` once a session, `understand` once an instruction, `start` once a goal, then `decide`
    once a tick.
    """

    @abstractmethod
    def reset(self, seed: int) -> None:
        """Begin a session: forget everything, and settle all randomness that varies between sessions by `seed`."""

    @abstractmethod
    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        """Work out which goals an instruction means, given what is seen now, or why it is not carried out.

        Raises InstructionError for what is not text at all.
        """

    @abstractmethod
    def start(self, task: Task | None, observation: Observation) -> Goal | None:
        """Take up a goal; None is a stretch without one. Returns its point in goal space, where the agent has one.

        Raises RefusedError where this agent cannot pursue such a goal.
        """

    @abstractmethod
    def decide(self, observation: Observation) -> Decision:
        """Decide what to do now. Needs `start` first."""

    @abstractmethod
    def describe(self) -> AgentRecord:
        """Say what this agent is, in enough detail to build it again; logs keep it."""


def accept_given(instruction: Instruction, refuse_none: bool = True) -> Understanding | Refusal | None:
    """Take an instruction's own goals, where it has any; None where only its words say what is wanted.

    `refuse_none`: answer the goal "none", which means "move nothing", with a refusal, as it should be.
    """
    if instruction.goals is None:
        return None
    if refuse_none and any(task.is_refusal for task in instruction.goals):
        return Refusal("asked to do nothing", "none")
    return Understanding(instruction.goals, 1.0, ", then ".join(task.words() for task in instruction.goals))
