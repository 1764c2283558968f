"""What `do` shows while it works: what was said and understood, how far it still is, and how long a decision takes."""

from collections.abc import Callable, Sequence
from math import isfinite
from types import TracebackType
from typing import Self, final

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from robot_wm.goals import Task
from robot_wm.records import Tick


@final
class LiveProgress:
    """A few lines that renew themselves. On what is no terminal, only their last state is printed."""

    def __init__(self, console: Console, instruction: str, tasks: Sequence[Task]) -> None:
        self._instruction = instruction
        self._tasks = tasks
        self._live = Live(console=console, refresh_per_second=8)
        self._at = 0
        self._furthest = 1.0
        self._milliseconds: list[float] = []
        self._held = 0

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)
        if not self._live.console.is_terminal:
            self._live.console.print()  # there its last state ends without a line break

    def begin(self, task: Task) -> Callable[[Tick], None]:
        """A goal is taken up; the answer follows its ticks."""
        self._at, self._furthest = self._at + 1, 1.0

        def follow(tick: Tick) -> None:
            self._milliseconds.append(tick.decision_ms)
            self._held += bool(tick.held)
            self._live.update(self._lines(task, tick))

        return follow

    def _lines(self, task: Task, tick: Tick) -> Group:
        table = Table.grid(padding=(0, 2))
        table.add_row("said", Text(self._instruction, style="bold"))
        table.add_row("goal", Text(f"{task.words()} ({self._at} of {len(self._tasks)})", style="cyan"))
        table.add_row("to go", self._bar(tick.decision.steps_to_goal))
        middle = sorted(self._milliseconds)[len(self._milliseconds) // 2]
        how = f"{tick.decision_ms:.0f} ms now, {middle:.0f} ms in the middle; by {tick.decision.source}"
        table.add_row("decision", Text(f"{tick.number + 1}: {how}; held {self._held}"))
        return Group(table)

    def _bar(self, steps: float) -> Table:
        if not isfinite(steps):
            return Table.grid()
        self._furthest = max(self._furthest, steps)
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(total=self._furthest, completed=self._furthest - steps, width=40), f"{steps:.0f} steps")
        return row
