"""How a command that moves an arm takes being ended."""

import signal


def park_when_ended() -> None:
    """Let Ctrl-C and SIGTERM raise KeyboardInterrupt, so that whoever ends the process, the arm is parked.

    Ctrl-C as well: a shell that starts a command in the background has it ignored, and Python leaves it so.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
