"""Keyboard control while an arm moves: space pauses and resumes, q or Escape stops."""

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Protocol, Self, final

RUN, PAUSE, STOP = "run", "pause", "stop"
HELP = "space: pause and resume; q: stop"
_STOPS = (b"q", b"Q", b"\x1b")


class Controls(Protocol):
    """Asked once per tick for the user's wish."""

    def wanted(self) -> str:
        """RUN, PAUSE or STOP."""
        raise NotImplementedError


@final
class NoControls:
    """No keyboard: the run can only be stopped by Ctrl-C."""

    def wanted(self) -> str:
        return RUN


@final
class Keys:
    """Reads single keys of a terminal, whose mode is restored when the block ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: Any = None
        self._wanted = RUN

    def wanted(self) -> str:
        while select.select([self._descriptor], [], [], 0.0)[0]:
            key = os.read(self._descriptor, 1)
            if not key:
                break
            self._press(key)
        return self._wanted

    def _press(self, key: bytes) -> None:
        if key in _STOPS:
            self._wanted = STOP
        elif key == b" " and self._wanted != STOP:
            self._wanted = RUN if self._wanted == PAUSE else PAUSE

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)


def has_keys() -> bool:
    """Return whether standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()
