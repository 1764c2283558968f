"""Copies of the raw bytes on a bus: a port with a tap, and a queue between the tap and a slow consumer."""

import threading
from collections.abc import Callable
from queue import Full, Queue
from typing import final

from hardware.bus.port import Port
from robot_wm.errors import DeviceError

Listener = Callable[[str, bytes], None]  # ("sent" or "received", the bytes); must return at once
Piece = tuple[str, bytes]
QUEUE_PIECES = 4096  # about ten seconds of a busy bus
_BATCH_PIECES = 100


class TappedPort:
    """A `hardware.bus.port.Port` that passes everything to another one and copies the bytes to a listener."""

    def __init__(self, port: Port, listener: Listener) -> None:
        self._port, self._listener = port, listener

    @property
    def name(self) -> str:
        return self._port.name

    @property
    def baud(self) -> int:
        return self._port.baud

    @property
    def latency_s(self) -> float:
        return self._port.latency_s

    def now_s(self) -> float:
        return self._port.now_s()

    def write(self, data: bytes) -> None:
        self._listener("sent", data)
        self._port.write(data)

    def read_until(self, deadline_s: float) -> bytes:
        return self._copied(self._port.read_until(deadline_s))

    def reset_input(self) -> bytes:
        return self._copied(self._port.reset_input())

    def close(self) -> None:
        self._port.close()

    def _copied(self, data: bytes) -> bytes:
        if data:
            self._listener("received", data)
        return data


@final
class BufferedTap:
    """A listener that queues the bytes for one consumer in another thread; the newest consumer replaces the last.

    The bus never waits for the consumer: what it is too slow to take is dropped, and reported once.
    """

    def __init__(self, notify: Callable[[str], None]) -> None:
        """`notify` receives the report that bytes were dropped."""
        self._notify = notify
        self._queue: Queue[Piece] | None = None  # None: there is no consumer
        self._dropped = False

    def __call__(self, direction: str, data: bytes) -> None:
        """Queue bytes that went over the bus; returns at once."""
        queue = self._queue
        if queue is None:
            return
        try:
            queue.put_nowait((direction, data))
        except Full:
            if not self._dropped:
                self._notify("the consumer of the bus tap is too slow; its log has gaps")
            self._dropped = True

    def stream_to(self, deliver: Callable[[list[Piece]], None]) -> None:
        """Pass all bytes from now on to `deliver`, in batches, in a thread, until it raises DeviceError."""
        queue: Queue[Piece] = Queue(QUEUE_PIECES)
        self._queue = queue
        threading.Thread(target=self._stream, args=(deliver, queue), name="bus tap", daemon=True).start()

    def _stream(self, deliver: Callable[[list[Piece]], None], queue: "Queue[Piece]") -> None:
        try:
            while self._queue is queue:
                deliver([queue.get(), *(queue.get() for _ in range(min(queue.qsize(), _BATCH_PIECES)))])
        except DeviceError:
            if self._queue is queue:
                self._queue = None
