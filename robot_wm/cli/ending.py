"""How a command that moves an arm reacts to being ended."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def park_when_ended() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM raise KeyboardInterrupt within the block, so that the arm is parked; then restore them.

    Ctrl-C as well: a shell that starts a command in the background has it ignored, and Python leaves it so. In a
    thread other than the main one, where Python allows no signal handlers, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
