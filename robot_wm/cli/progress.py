"""Live terminal output of `do`: instruction, goal, predicted steps left, and decision time."""

from math import isfinite
from types import TracebackType
from typing import Self, final

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from robot_wm.records import Tick, Understanding
from robot_wm.session.events import Event, GoalEvent, ReportEvent, TickEvent, UnderstandingEvent


@final
class LiveProgress:
    """A subscriber that keeps a few lines up to date; if the output is no terminal, only the last state is printed."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8)
        self._instruction, self._goal = "", "-"
        self._goals = self._at = 0
        self._furthest = 1.0
        self._milliseconds: list[float] = []
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case UnderstandingEvent(reply=Understanding(tasks=tasks)):
                self._instruction, self._goals = event.instruction.text, len(tasks)
                self._live.start()
            case GoalEvent(task=task) if task is not None:
                self._goal, self._at, self._furthest = task.words(), self._at + 1, 1.0
            case TickEvent(tick=tick):
                self._milliseconds.append(tick.decision_ms)
                self._held += bool(tick.held)
                self._live.update(self._lines(tick))
            case ReportEvent():
                self._stop()

    def _stop(self) -> None:
        if self._live.is_started:
            self._live.stop()
            if not self._live.console.is_terminal:
                self._live.console.print()  # rich does not end the last state with a line break there

    def _lines(self, tick: Tick) -> Group:
        table = Table.grid(padding=(0, 2))
        table.add_row("instruction", Text(self._instruction, style="bold"))
        table.add_row("goal", Text(f"{self._goal} ({self._at} of {self._goals})", style="cyan"))
        table.add_row("steps left", self._bar(tick.decision.steps_to_goal))
        median = sorted(self._milliseconds)[len(self._milliseconds) // 2]
        how = f"{tick.decision_ms:.0f} ms, median {median:.0f} ms; source: {tick.decision.source}"
        table.add_row("decision", Text(f"{tick.number + 1}: {how}; held {self._held}"))
        return Group(table)

    def _bar(self, steps: float) -> Table:
        if not isfinite(steps):
            return Table.grid()
        self._furthest = max(self._furthest, steps)
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(total=self._furthest, completed=self._furthest - steps, width=40), f"{steps:.0f} steps")
        return row
