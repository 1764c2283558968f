"""How a session went, as a record, as JSON and in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robot_wm.errors import DeviceError, RefusedError
from robot_wm.goals import Task
from robot_wm.records import GoalResult

DONE, FAILED, REFUSED, FAULT = "done", "failed", "refused", "fault"
EXIT_STATUS = {DONE: 0, FAILED: 3, REFUSED: RefusedError.exit_status, FAULT: DeviceError.exit_status}


@dataclass(frozen=True)
class Report:
    """How an instruction was carried out."""

    instruction: str
    outcome: str  # DONE, FAILED, REFUSED or FAULT
    understood: str  # in words; on a refusal, why
    tasks: tuple[Task, ...] = ()
    results: tuple[GoalResult, ...] = ()  # of the goals that were pursued, in order
    confidence: float | None = None  # probability that it was understood correctly; None where it was given
    fault: str = ""  # what failed

    @property
    def exit_status(self) -> int:
        """The exit status of a command that did this."""
        return EXIT_STATUS[self.outcome]

    @property
    def judged_by(self) -> str | None:
        """Who says that the last goal was reached or not."""
        return self.results[-1].judged_by if self.results else None

    @property
    def steps(self) -> int:
        """Control ticks in all."""
        return sum(result.ticks for result in self.results)

    @property
    def seconds(self) -> float:
        """Time on the arm's clock."""
        return sum(result.seconds for result in self.results)

    def to_json(self) -> dict[str, object]:
        """Return what `robot-wm do --json` prints of it."""
        goals = [task.to_json() for task in self.tasks]
        return {
            "instruction": self.instruction,
            "understood": self.understood,
            "goal": None if not goals else goals[0] if len(goals) == 1 else goals,
            "outcome": self.outcome,
            "judged_by": self.judged_by,
            "steps": self.steps,
            "seconds": round(self.seconds, 2),
            "plan_ms": latency_percentiles([ms for result in self.results for ms in result.decision_ms]),
        }

    def words(self) -> str:
        """Say what was done, who says so, and how sure it is."""
        if self.outcome == REFUSED:
            return f"refused: {self.understood}"
        if self.outcome == FAULT:
            return f"fault: {self.fault}"
        verb = "done" if self.outcome == DONE else "not achieved"
        sure = "" if self.confidence is None else f"; understood with {self.confidence:.0%} confidence"
        belief = self.results[-1].done_probability if self.results else float("nan")
        own = f"; its own estimate of success: {belief:.0%}" if belief == belief else ""  # nan is not itself
        took = f"{self.steps} steps, {self.seconds:.1f} s"
        return f"{verb}: {self.understood} ({took}, judged by {self.judged_by}{sure}{own})"


def latency_percentiles(milliseconds: Sequence[float]) -> dict[str, float | None]:
    """Return the 50th, 95th and 99th percentile of decision times, ms; None where there are none."""
    if not milliseconds:
        return {"p50": None, "p95": None, "p99": None}
    return {f"p{q}": round(float(np.percentile(milliseconds, q)), 2) for q in (50, 95, 99)}
