"""Words for people, written by a thread of their own: a terminal that takes nothing must not stop the arm's keeper.

A stopped terminal (Ctrl-S, a hanging ssh) blocks whoever writes to it; here that is nobody but this thread.
"""

import contextlib
import os
import threading
from queue import Full, Queue
from typing import final

_QUEUED = 200  # lines; what comes when as many wait is left out
_STDERR = 2  # written to past Python's buffers, whose locks a blocked thread would hold for ever


@final
class Teller:
    """Called with words; returns at once."""

    def __init__(self, prefix: str, descriptor: int = _STDERR) -> None:
        self._prefix, self._descriptor = prefix, descriptor
        self._lines: Queue[bytes] = Queue(_QUEUED)
        self._all_said = threading.Event()
        self._all_said.set()
        threading.Thread(target=self._write, name="teller", daemon=True).start()

    def __call__(self, words: str) -> None:
        self._all_said.clear()
        with contextlib.suppress(Full):
            self._lines.put_nowait(f"{self._prefix}{words}\n".encode())

    def finish(self, within_s: float) -> None:
        """Wait until all is said, but no longer than that."""
        self._all_said.wait(within_s)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with contextlib.suppress(OSError):  # the terminal is gone; the arm matters more
                os.write(self._descriptor, line)
            if self._lines.empty():
                self._all_said.set()
