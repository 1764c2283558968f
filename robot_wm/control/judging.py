"""Who says that a goal is reached: a judge that sees the true state (a simulator's), or the agent's own estimate."""

from dataclasses import dataclass
from typing import Protocol, final

from robot_wm.records import Decision

OWN_ESTIMATE = "own estimate"
SIMULATOR = "simulator"
NOBODY = "nobody"  # a session that ends by time or by key, and has no goal to reach


class Judge(Protocol):
    """Made when a goal starts, updated after each tick, asked whether the goal is reached."""

    @property
    def judged_by(self) -> str:
        """Whose word `done` is, e.g. SIMULATOR or OWN_ESTIMATE."""
        ...

    @property
    def done(self) -> bool:
        """Whether the goal is reached, and has held as long as it must."""
        ...

    @property
    def already_done(self) -> bool:
        """Whether it was reached before anything was tried."""
        ...

    def update(self, decision: Decision) -> None:
        """Note that one tick has passed after `decision`."""
        ...


@final
class OwnEstimate:
    """Believe the agent once it has claimed the goal for some ticks in a row.

    Args:
        threshold: least probability of success that counts as a claim. Raise it where the arm stops too early.
        hold_ticks: claims in a row that are needed.
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
        claims = decision.done_probability >= self._threshold  # false where it is nan
        self._claimed = self._claimed + 1 if claims else 0


@final
@dataclass(frozen=True)
class Unreachable:
    """Never done: for a goal that cannot be reached, or a run that ends by its ticks alone."""

    judged_by: str = SIMULATOR
    done: bool = False
    already_done: bool = False

    def update(self, decision: object) -> None:
        """Nothing changes it."""
