"""The bounded queue between a running loop and the process that writes its log.

`put` never waits: an entry that finds the queue full is dropped and counted. A thread passes on what has gathered,
every GATHER_S. Where entries were dropped, a note in the log says so.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import final

from robot_wm.log.entries import Entry, LogLook, LogNote, LogTick, Stamp
from robot_wm.log.link import CLOSE_TIMEOUT_S, Link

QUEUE_ENTRIES = 512
QUEUE_BYTES = 64 << 20
GATHER_S = 0.06  # entries wait this long at most; waking two processes for each costs more than writing it
_BATCH_BYTES = 1 << 20  # about as much is sent at once


@final
class Outbox:
    """A queue of entries on their way to a `Link`, and the thread that empties it."""

    def __init__(self, link: Link, stamp: Callable[[], Stamp], on_first_drop: Callable[[], None]) -> None:
        self._link, self._stamp, self._on_first_drop = link, stamp, on_first_drop
        self._queue: SimpleQueue[tuple[Entry, int]] = SimpleQueue()  # an entry and its size
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._bytes_in = self._bytes_out = self._in = 0
        self._unreported = 0  # dropped since the last note about it
        self.sent = 0  # entries
        self.dropped = 0  # entries that found no room, or came after a fault
        self._feeder = threading.Thread(target=self._feed, name="recorder", daemon=True)
        self._feeder.start()

    def put(self, entry: Entry, always: bool = False) -> None:
        """Queue an entry, or drop it if the queue is full and the entry need not be kept `always`."""
        size, is_first = _size(entry), False
        with self._lock:
            full = self._in - self.sent >= QUEUE_ENTRIES or self._bytes_in - self._bytes_out + size > QUEUE_BYTES
            if self._link.fault or (full and not always):
                self.dropped += 1
                self._unreported += not self._link.fault
                is_first = self.dropped == 1 and not self._link.fault
            else:
                self._report_dropped()
                self._enqueue(entry, size)
        if is_first:
            self._on_first_drop()

    def close(self) -> None:
        """Send what is queued. Ends the writing process if it does not take it within CLOSE_TIMEOUT_S."""
        self._closing.set()
        self._feeder.join(CLOSE_TIMEOUT_S)
        if self._feeder.is_alive():
            self._link.give_up()
            self._feeder.join()

    def _report_dropped(self) -> None:
        if self._unreported:
            words = f"{self._unreported} entries were dropped here: the disk or the machine was slower than the loop"
            self._enqueue(LogNote(self._stamp(), "warning", words, "recorder"), 0)
            self._unreported = 0

    def _enqueue(self, entry: Entry, size: int) -> None:
        self._in += 1
        self._bytes_in += size
        self._queue.put((entry, size))

    def _feed(self) -> None:
        """Send what gathers; runs in a thread of its own."""
        while not self._closing.wait(GATHER_S):
            self._send_queued()
        self._send_queued()
        if self._unreported and not self._link.fault:
            words = f"{self._unreported} entries were dropped at the end"
            self._link.send([LogNote(self._stamp(), "warning", words, "recorder")])

    def _send_queued(self) -> None:
        while not self._queue.empty():
            entries, total = list[Entry](), 0
            while total < _BATCH_BYTES and not self._queue.empty():
                entry, size = self._queue.get()
                entries.append(entry)
                total += size
            self._link.send(entries)
            self.sent += len(entries)
            self._bytes_out += total


def _size(entry: Entry) -> int:
    """Estimate how many bytes an entry holds."""
    if not isinstance(entry, LogTick | LogLook):
        return 1024
    return 4096 + sum(frame.rgb.nbytes for frame in entry.observation.frames.values())
