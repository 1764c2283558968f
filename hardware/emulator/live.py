"""Runs an emulated bus in real time on a pseudo-terminal."""

import heapq
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.emulator.emulator import Emulator
from hardware.emulator.physics import TICK_S
from hardware.emulator.terminal import Terminal

_MAX_LAG_S = 0.2  # after a longer stall of the machine the emulator's time does not catch up


class LiveEmulator:
    """Serves an emulator on a pty until `stop`; in a `with` block, in a thread."""

    def __init__(
        self, emulator: Emulator, link: Path | None = None, between: Callable[[float], None] | None = None
    ) -> None:
        """Create the pty.

        Args:
            emulator: to serve.
            link: symbolic link to the pty.
            between: called about once a tick with the emulator's time, while no reply is waiting.
        """
        self.emulator = emulator
        self._terminal = Terminal(link)
        self._between = between
        self._epoch_s = time.monotonic()
        self._outbox: list[tuple[float, int, bytes]] = []  # (due, order, bytes), a heap
        self._order = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> str:
        """Path for clients to open."""
        return self._terminal.path

    def serve(self) -> None:
        """Serve until `stop`."""
        try:
            while not self._stop.is_set():
                self._step()
        finally:
            self._terminal.unplug()

    def stop(self) -> None:
        """End `serve`; may be called from any thread or signal handler."""
        self._stop.set()

    def _step(self) -> None:
        now_s = self._now_s()
        self._update_plug(now_s)
        due_s = self._outbox[0][0] if self._outbox else now_s + TICK_S
        if self._terminal.fd < 0:
            time.sleep(TICK_S)
        elif select.select([self._terminal.fd], [], [], max(0.0, min(due_s - now_s, TICK_S)))[0]:
            self._receive()
        self._transmit()
        now_s = self._now_s()
        self.emulator.advance_to(now_s)
        if self._between is not None and not self._outbox:
            self._between(now_s)

    def _now_s(self) -> float:
        """Return the emulator's time, which pauses while the machine is stalled."""
        now_s = time.monotonic() - self._epoch_s
        lag_s = now_s - self.emulator.now_s
        if lag_s > _MAX_LAG_S:
            self._epoch_s += lag_s
            now_s -= lag_s
        return now_s

    def _receive(self) -> None:
        data, baud = self._terminal.read(), self._terminal.baud()
        now_s = self._now_s()
        for delay_s, part in self.emulator.feed(data, now_s, baud):
            self._order += 1
            heapq.heappush(self._outbox, (now_s + delay_s, self._order, part))

    def _transmit(self) -> None:
        while self._outbox and self._outbox[0][0] <= self._now_s():
            self._terminal.write(heapq.heappop(self._outbox)[2])

    def _update_plug(self, now_s: float) -> None:
        plugged = self.emulator.plugged(now_s)
        if plugged and self._terminal.fd < 0:
            self._terminal.plug()
        elif not plugged and self._terminal.fd >= 0:
            self._outbox.clear()
            self._terminal.unplug()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="emulator", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()
