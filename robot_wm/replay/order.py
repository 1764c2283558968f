"""A log's entries as a replay needs them: stamps that rise, no tick twice. Lost ticks are noticed."""

from collections.abc import Iterable, Iterator
from typing import final

from robot_wm.errors import LogError
from robot_wm.log.entries import Entry, LogTick


def in_order(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries as they come. Raises LogError at a tick that is out of order or comes twice."""
    last: LogTick | None = None
    for entry in entries:
        if isinstance(entry, LogTick):
            _require_after(last, entry)
            last = entry
        yield entry


def _require_after(last: LogTick | None, tick: LogTick) -> None:
    if last is None:
        return
    if (tick.goal, tick.number) <= (last.goal, last.number):
        twice = (tick.goal, tick.number) == (last.goal, last.number)
        what = "is in the log twice" if twice else f"comes after tick {last.number} of goal {last.goal}"
        raise LogError(f"tick {tick.number} of goal {tick.goal} {what}; the log was put together wrongly")
    if tick.stamp.clock_s <= last.stamp.clock_s:
        raise LogError(
            f"tick {tick.number} of goal {tick.goal} is stamped {tick.stamp.clock_s:.6f} s, the one before it "
            f"{last.stamp.clock_s:.6f} s; stamps must rise"
        )


@final
class Gaps:
    """Notices ticks that are not in the log: dropped when recording, or in a damaged place."""

    def __init__(self) -> None:
        self._next = (0, 0)  # goal, tick

    def before(self, tick: LogTick) -> int:
        """How many ticks of this goal are missing just before this one."""
        goal, expected = self._next
        missing = tick.number - (expected if tick.goal == goal else 0)
        self._next = (tick.goal, tick.number + 1)
        return missing
