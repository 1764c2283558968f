"""What happens in a session, as typed events. Terminal, video, log and web page are subscribers of these."""

from collections.abc import Callable
from dataclasses import dataclass

from robot_wm.goals import Task
from robot_wm.records import GoalResult, Instruction, Refusal, Tick, Understanding
from robot_wm.session.report import Report
from robot_wm.types import ArmCommand, ArmTarget, Goal, Observation

UNDERSTAND, GOAL = "understand", "goal"  # what an observation outside the ticks is taken for


@dataclass(frozen=True)
class ObservationEvent:
    """The world was observed outside the ticks."""

    purpose: str  # UNDERSTAND or GOAL
    observation: Observation


@dataclass(frozen=True)
class UnderstandingEvent:
    """An instruction was understood or refused."""

    instruction: Instruction
    reply: Understanding | Refusal


@dataclass(frozen=True)
class GoalEvent:
    """The agent takes up a goal."""

    task: Task | None  # None is a stretch without a goal
    goal: Goal | None  # its point in goal space, where the agent has one


@dataclass(frozen=True)
class TickEvent:
    """One turn of the control loop is over; its decision holds the plan."""

    tick: Tick


@dataclass(frozen=True)
class ResultEvent:
    """The pursuit of a goal has ended."""

    result: GoalResult


@dataclass(frozen=True)
class ParkingEvent:
    """A command was sent on the way to the rest pose; from the guard's thread where the controller fell silent."""

    target: ArmTarget
    sent: ArmCommand


@dataclass(frozen=True)
class FaultEvent:
    """The arm or a camera failed."""

    words: str


@dataclass(frozen=True)
class ReportEvent:
    """The session is over."""

    report: Report


Event = (
    ObservationEvent
    | UnderstandingEvent
    | GoalEvent
    | TickEvent
    | ResultEvent
    | ParkingEvent
    | FaultEvent
    | ReportEvent
)
"""What a session emits, in the order in which it happens."""

Subscriber = Callable[[Event], None]
"""Called with each event, in the session's thread."""
