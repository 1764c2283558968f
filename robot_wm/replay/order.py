"""Check the order of a log's entries: increasing timestamps, no tick twice; detect missing ticks."""

from collections.abc import Iterable, Iterator
from typing import final

from robot_wm.errors import LogError
from robot_wm.log.entries import Entry, LogTick


def in_order(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries. Raises LogError at a tick that is out of order or duplicated."""
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
        raise LogError(f"tick {tick.number} of goal {tick.goal} {what}; the log was merged incorrectly")
    if tick.stamp.clock_s <= last.stamp.clock_s:
        raise LogError(
            f"tick {tick.number} of goal {tick.goal} has the timestamp {tick.stamp.clock_s:.6f} s, the one before it "
            f"{last.stamp.clock_s:.6f} s; timestamps must increase"
        )


@final
class Gaps:
    """Detects ticks missing in the log: dropped while recording, or damaged."""

    def __init__(self) -> None:
        self._next = (0, 0)  # goal, tick

    def before(self, tick: LogTick) -> int:
        """Return the number of this goal's ticks missing just before this one."""
        goal, expected = self._next
        missing = tick.number - (expected if tick.goal == goal else 0)
        self._next = (tick.goal, tick.number + 1)
        return missing
