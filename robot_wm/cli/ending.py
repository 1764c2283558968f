"""Signal handling of the commands that move an arm."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def park_when_ended() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT and SIGTERM within the block, so that the arm is parked; then restore both.

    SIGINT is set as well, because shells make background commands ignore it. Does nothing outside the main thread,
    where Python allows no signal handlers.
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
