"""Time as an argument: the loop waits on a clock and does not know whether it is the wall's or a simulation's."""

import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock in seconds. In simulation, waiting is what advances the physics."""

    def now_s(self) -> float:
        """The time now, s."""
        raise NotImplementedError

    def wait_until(self, t_s: float) -> None:
        """Return at `t_s`, or at once where that has passed."""
        raise NotImplementedError


class RealClock:
    """The machine's own monotonic clock."""

    def now_s(self) -> float:
        return time.monotonic()

    def wait_until(self, t_s: float) -> None:
        time.sleep(max(0.0, t_s - time.monotonic()))
