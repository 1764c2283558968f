"""The bytes on the supervisor's bus, for a listener in another process, such as the controller's log.

The loop that looks after the arm never waits for a listener: what one is too slow to take is left out, and said once.
"""

import threading
from collections.abc import Callable
from queue import Full, Queue
from typing import final

from hardware.bus.tap import Listener
from hardware.supervisor.wire import Channel, WireError

_QUEUED = 4096  # pieces; some ten seconds of a busy bus
_PIECES = 100  # a message


@final
class Overheard:
    """Given to a `hardware.bus.tap.TappedPort` as its listener. One listener at a time: the newest."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._queue: Queue[tuple[str, bytes]] | None = None  # None: nobody listens
        self._left_out = False

    def __call__(self, direction: str, data: bytes) -> None:
        """Bytes that went over the bus; returns at once."""
        queue = self._queue
        if queue is None:
            return
        try:
            queue.put_nowait((direction, data))
        except Full:
            if not self._left_out:
                self._tell("who listens to the bus is too slow; its log has gaps")
            self._left_out = True

    def stream_to(self, channel: Channel) -> None:
        """From now on, send all bytes over `channel`, until it is closed at the other end."""
        queue: Queue[tuple[str, bytes]] = Queue(_QUEUED)
        self._queue = queue
        threading.Thread(target=self._stream, args=(channel, queue), name="overheard", daemon=True).start()

    def _stream(self, channel: Channel, queue: "Queue[tuple[str, bytes]]") -> None:
        try:
            while self._queue is queue:
                pieces = [queue.get(), *(queue.get() for _ in range(min(queue.qsize(), _PIECES)))]
                channel.send({"bytes": [[direction, data.hex()] for direction, data in pieces]})
        except WireError:
            if self._queue is queue:
                self._queue = None


def listen(channel: Channel, listener: Listener) -> None:
    """Notify `listener` of all bytes from now on; returns when the supervisor is gone or `channel` is closed."""
    try:
        channel.send({"do": "listen"})
        channel.set_timeouts(None, None)
        while True:
            for direction, data in channel.receive()["bytes"]:
                listener(direction, bytes.fromhex(data))
    except WireError:
        return
