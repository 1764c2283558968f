"""Who says that a goal is reached: a judge that sees the truth (a simulator's), or the policy's own estimate."""

from typing import Protocol, final

from robot_wm.records import Decision

OWN_ESTIMATE = "own estimate"
SIMULATOR = "simulator"


class Judge(Protocol):
    """Made at the start of a goal, told of each tick, asked whether it is done."""

    @property
    def judged_by(self) -> str:
        """Whose word `done` is: "simulator" or "own estimate"."""
        raise NotImplementedError

    @property
    def done(self) -> bool:
        """Reached, and held as long as the goal asks."""
        raise NotImplementedError

    @property
    def already_done(self) -> bool:
        """Reached before anything was tried."""
        raise NotImplementedError

    def update(self, decision: Decision) -> None:
        """One tick has passed after `decision`."""
        raise NotImplementedError


@final
class OwnEstimate:
    """Believes the policy once it has claimed the goal for `hold_ticks` ticks in a row.

    `threshold`: the least probability that counts as a claim. Raise it where the arm stops too early.
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
