"""What a session is about, as frozen records: instruction, understanding, decision, tick, result, and who decided.

Passed between agents, the control loop, sessions, logs and replays. Knows none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_wm.goals import Task
from robot_wm.types import ArmCommand, ArmTarget, Observation, PlanRecord

Picture = NDArray[np.uint8]  # (h, w, 3) RGB


@dataclass(frozen=True)
class Instruction:
    """What a person asks for: words, goals, or both.

    Where `goals` are given they are pursued as they are, and the words are not interpreted. No goals at all, (), is a
    stretch without a goal, such as a person driving the arm by hand.
    """

    text: str
    goals: tuple[Task, ...] | None = None


@dataclass(frozen=True)
class Understanding:
    """The goals that an instruction means, in the order in which they are to be pursued."""

    tasks: tuple[Task, ...]
    confidence: float  # probability that this is what was meant, in [0, 1]
    words: str  # e.g. "put the red cube in the blue bin, then go home"


@dataclass(frozen=True)
class Refusal:
    """Why an instruction is not carried out."""

    words: str  # for a person
    reason: str  # one word for programs, e.g. "absent", "unsure", "forbidden"


@dataclass(frozen=True)
class AgentRecord:
    """Who decided, in enough detail to build the same agent again."""

    kind: str  # "planner", "prior", "random", "hold", "oracle", "keyboard", "script"
    checkpoint: str = ""  # path; empty where there is none
    checkpoint_sha256: str = ""
    language_sha256: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)  # the planner's, resolved
    config_sha256: str = ""
    seed: int = 0  # of the agent's own randomness
    given: bool = False  # was given its goals and interpreted no instruction


@dataclass(frozen=True)
class Decision:
    """What an agent wants done in this tick, and what it believes."""

    action: NDArray[np.floating]  # (a,) in the order of the action space's names
    steps_to_goal: float = nan  # control ticks it expects to need; nan where it does not know
    done_probability: float = nan  # that the goal is reached now, in [0, 1]; nan where it does not know
    plan_ms: float = 0.0  # time its own planning took
    source: str = "agent"  # "search", "prior", "recovery", "hold" or the agent's own word
    imagined: Callable[[], NDArray[np.uint8]] | None = None  # () -> (H, h, w, 3) pictures of the plan, on demand
    plan: PlanRecord | None = None  # what was weighed, where the agent plans


@dataclass(frozen=True)
class Tick:
    """One turn of the control loop."""

    number: int
    observation: Observation
    decision: Decision
    sent: ArmCommand
    held: str  # why the decision was not followed: "late", "not finite" or ""
    decision_ms: float  # encode, plan, kinematics and limits together, wall clock
    target: ArmTarget  # what was asked of the arm, before limits
    clock_s: float  # when it began, on the loop's clock


@dataclass(frozen=True)
class GoalResult:
    """How the pursuit of one goal went."""

    done: bool
    already_done: bool
    judged_by: str
    seconds: float  # on the loop's clock
    decision_ms: tuple[float, ...]  # one a tick
    steps_to_goal: tuple[float, ...]  # the agent's belief, one a tick
    done_probability: float  # the agent's last belief, nan where it has none
    held: Mapping[str, int]  # reason -> ticks

    @property
    def ticks(self) -> int:
        """Control ticks spent."""
        return len(self.decision_ms)
