"""Judges of whether a goal is reached: by the simulator's true state, or by the agent's own estimate."""

from dataclasses import dataclass
from typing import Protocol, final

from robot_wm.records import Decision

OWN_ESTIMATE = "own estimate"
SIMULATOR = "simulator"
NOBODY = "nobody"  # for sessions without a goal, which end by time or by key


class Judge(Protocol):
    """Created when a goal starts and updated after each tick; tells whether the goal is reached."""

    @property
    def judged_by(self) -> str:
        """Source of the verdict, e.g. SIMULATOR or OWN_ESTIMATE."""
        ...

    @property
    def done(self) -> bool:
        """True if the goal is reached and has held for the required time."""
        ...

    @property
    def already_done(self) -> bool:
        """True if the goal was reached before the first tick."""
        ...

    def update(self, decision: Decision) -> None:
        """Account for one tick that followed `decision`."""
        ...


@final
class OwnEstimate:
    """Trust the agent once it has claimed success for some ticks in a row.

    Args:
        threshold: smallest probability of success that counts as a claim; raise it if the arm stops too early.
        hold_ticks: number of consecutive claims required.
    """

    judged_by = OWN_ESTIMATE
    already_done = False

    def __init__(self, threshold: float = 0.5, hold_ticks: int = 5) -> None:
        self._threshold = threshold
        self._hold_ticks = hold_ticks
        self._claimed = 0

    @property
    def done(self) -> bool:
        return self._claimed >= self._hold_ticks

    def update(self, decision: Decision) -> None:
        claims = decision.done_probability >= self._threshold  # False for nan
        self._claimed = self._claimed + 1 if claims else 0


@final
@dataclass(frozen=True)
class Unreachable:
    """A judge that is never satisfied: for goals that cannot be reached and runs that end by time."""

    judged_by: str = SIMULATOR
    done: bool = False
    already_done: bool = False

    def update(self, decision: object) -> None:
        """Do nothing."""
