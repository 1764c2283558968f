"""Clocks: the control loop waits on one, real or simulated."""

import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock in seconds. In simulation, waiting advances the physics."""

    def now_s(self) -> float:
        """Return the current time, s."""
        raise NotImplementedError

    def wait_until(self, t_s: float) -> None:
        """Return at time `t_s`, or at once if it has passed."""
        raise NotImplementedError


class RealClock:
    """The monotonic clock of the machine."""

    def now_s(self) -> float:
        return time.monotonic()

    def wait_until(self, t_s: float) -> None:
        time.sleep(max(0.0, t_s - time.monotonic()))
