"""Runs an emulated bus in simulated time: a clock and a port on which waiting advances the time.

Runs are deterministic and as fast as the machine allows; bytes and delays are the same as on the pseudo-terminal.
"""

import heapq

from hardware.bus import BusLostError, PortError
from hardware.emulator.emulator import Emulator
from hardware.feetech.tables import FACTORY_BAUD

NAME = "emulated"


class Lockstep:
    """An emulator with its own time. Implements `robot_wm.control.clock.Clock`; `open_port` returns a port."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._now_s = 0.0
        self._runs = 0  # ports of earlier runs are lost

    def now_s(self) -> float:
        """Return the simulated time since the start or the last `restart`, s."""
        return self._now_s

    def wait_until(self, t_s: float) -> None:
        """Advance servos and joints to `t_s`, or to the end of a stall of the host."""
        t_s = max(t_s, self._now_s)
        self._now_s = max(t_s, self.emulator.stalled_until(t_s))
        self.emulator.advance_to(self._now_s)

    def restart(self) -> None:
        """Switch the power off and on and reset time to 0. Open ports are lost; random faults and noise repeat."""
        self._now_s = 0.0
        self._runs += 1
        self.emulator.power_on()

    def open_port(self, baud: int = FACTORY_BAUD) -> "LockstepPort":
        """Return a port on this bus. Raises PortError while it is unplugged."""
        if not self.emulator.plugged(self._now_s):
            raise PortError(f"cannot open port {NAME!r}: it is unplugged until its fault ends; try again later")
        return LockstepPort(self, baud)

    @property
    def run(self) -> int:
        """Number of restarts."""
        return self._runs


class LockstepPort:
    """A `hardware.bus.port.Port` in simulated time."""

    name = NAME
    latency_s = 0.0

    def __init__(self, lockstep: Lockstep, baud: int) -> None:
        self.baud = baud
        self._lockstep = lockstep
        self._run = lockstep.run
        self._inbox: list[tuple[float, int, bytes]] = []  # (arrival, order, bytes), a heap
        self._order = 0
        self._lost = False

    def now_s(self) -> float:
        return self._lockstep.now_s()

    def write(self, data: bytes) -> None:
        self._check()
        now_s = self.now_s()
        for delay_s, part in self._lockstep.emulator.feed(data, now_s, self.baud):
            self._order += 1
            heapq.heappush(self._inbox, (now_s + delay_s, self._order, part))

    def read_until(self, deadline_s: float) -> bytes:
        self._check()
        first_s = self._inbox[0][0] if self._inbox else deadline_s
        self._lockstep.wait_until(max(self.now_s(), min(first_s, deadline_s)))
        self._check()
        return self._arrived()

    def reset_input(self) -> bytes:
        self._check()
        return self._arrived()

    def close(self) -> None:
        self._inbox.clear()

    def _arrived(self) -> bytes:
        parts = []
        while self._inbox and self._inbox[0][0] <= self.now_s():
            parts.append(heapq.heappop(self._inbox)[2])
        return b"".join(parts)

    def _check(self) -> None:
        """Latch the loss of the port: after replugging it must be opened again."""
        gone = self._run != self._lockstep.run or not self._lockstep.emulator.plugged(self.now_s())
        self._lost = self._lost or gone
        if self._lost:
            raise BusLostError(
                f"port {self.name!r} is lost: plug it in again, check that the arm is safe, then restart"
            )
