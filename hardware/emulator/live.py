"""The emulated bus in real time, on a pseudo-terminal."""

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

_BEHIND_S = 0.2  # a machine that stood still longer does not make up for it: the emulator's time waits


class LiveEmulator:
    """Serves an emulator on a pty until told to stop. In a `with` block it does so in a thread.

    `between` is called about every tick, with the emulator's time, while nothing waits to be sent.
    """

    def __init__(
        self, emulator: Emulator, link: Path | None = None, between: Callable[[float], None] | None = None
    ) -> None:
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
        """What a client opens."""
        return self._terminal.path

    def serve(self) -> None:
        """Answer until `stop`."""
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            self._terminal.pull_out()

    def stop(self) -> None:
        """End `serve`; from any thread or signal handler."""
        self._stop.set()

    def _turn(self) -> None:
        now_s = self._now_s()
        self._mind_plug(now_s)
        due_s = self._outbox[0][0] if self._outbox else now_s + TICK_S
        if self._terminal.fd < 0:
            time.sleep(TICK_S)
        elif select.select([self._terminal.fd], [], [], max(0.0, min(due_s - now_s, TICK_S)))[0]:
            self._hear()
        self._speak()
        now_s = self._now_s()
        self.emulator.advance_to(now_s)
        if self._between is not None and not self._outbox:
            self._between(now_s)

    def _now_s(self) -> float:
        """The emulator's time; it waits for a machine that stood still."""
        now_s = time.monotonic() - self._epoch_s
        behind_s = now_s - self.emulator.now_s
        if behind_s > _BEHIND_S:
            self._epoch_s += behind_s
            now_s -= behind_s
        return now_s

    def _hear(self) -> None:
        data, baud = self._terminal.read(), self._terminal.baud()
        now_s = self._now_s()
        for delay_s, part in self.emulator.feed(data, now_s, baud):
            self._order += 1
            heapq.heappush(self._outbox, (now_s + delay_s, self._order, part))

    def _speak(self) -> None:
        while self._outbox and self._outbox[0][0] <= self._now_s():
            self._terminal.write(heapq.heappop(self._outbox)[2])

    def _mind_plug(self, now_s: float) -> None:
        plugged = self.emulator.plugged(now_s)
        if plugged and self._terminal.fd < 0:
            self._terminal.plug_in()
        elif not plugged and self._terminal.fd >= 0:
            self._outbox.clear()
            self._terminal.pull_out()

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
