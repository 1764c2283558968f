"""Words for people, written by a thread of their own: a terminal that takes nothing must not stop the arm's keeper.

A stopped terminal (Ctrl-S, a hanging ssh) blocks whoever writes to it; here that is nobody but this thread.
"""

import contextlib
import os
import threading
from queue import Full, Queue
from typing import Self, final

_QUEUED = 200  # lines; what comes when as many wait is left out
_LAST_WORDS_S = 0.5  # to say what is left to be said
_STDERR = 2  # written to past Python's buffers, whose locks a blocked thread would hold for ever


@final
class Notifier:
    """Called with words; returns at once. Leaving waits for the last ones, though not for long."""

    def __init__(self, prefix: str, descriptor: int = _STDERR) -> None:
        self._prefix, self._descriptor = prefix, descriptor
        self._lines: Queue[bytes | threading.Event] = Queue(_QUEUED)
        threading.Thread(target=self._write, name="teller", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        all_said = threading.Event()
        with contextlib.suppress(Full):
            self._lines.put_nowait(all_said)
            all_said.wait(_LAST_WORDS_S)

    def __call__(self, words: str) -> None:
        with contextlib.suppress(Full):
            self._lines.put_nowait(f"{self._prefix}{words}\n".encode())

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, threading.Event):
                line.set()
                continue
            with contextlib.suppress(OSError):  # the terminal is gone; the arm matters more
                os.write(self._descriptor, line)
