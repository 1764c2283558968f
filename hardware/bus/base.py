"""What every servo bus can do, whatever its protocol. Drivers: `hardware.feetech.driver`, `hardware.dynamixel.driver`.

Values are raw counts with the sign decoded (`hardware.bus.registers`), so this file knows nothing of radians or joints.
A bus has one user at a time: calls from two threads are not serialised here, the owner of the port does that.

What a caller can rely on:
- A value that is returned was asked for by this call: late replies of earlier requests are recognised and dropped.
- `read` and `write` raise when the servo did not answer; the `sync_` reads leave out the servos that did not, so that
  one silent servo costs only itself. SelectedArm ones is visible in the keys.
- An alarm (overheating, overload, ...) is no error here: the value is delivered, the words are in `alarms`.
- `hardware.bus.errors.BusLostError` from any call means that the port is gone: nothing but `close` is of use after it.
"""

from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Protocol, Self

from hardware.bus.counters import Counters
from hardware.bus.registers import Model, Table


class ServoBus(Protocol):
    """A line with servos on it. Registers are named as in `table`."""

    @property
    def protocol(self) -> str:
        """ "feetech" or "dynamixel"."""
        raise NotImplementedError

    @property
    def table(self) -> Table:
        """The registers that `read` and the others know by name."""
        raise NotImplementedError

    @property
    def counters(self) -> Counters:
        """What was sent, answered and lost since the bus was opened."""
        raise NotImplementedError

    @property
    def alarms(self) -> Mapping[int, tuple[str, ...]]:
        """For each servo heard so far, the alarm words of its newest reply; empty when it is well."""
        raise NotImplementedError

    @property
    def lost(self) -> bool:
        """Whether the port is gone (unplugged)."""
        raise NotImplementedError

    def ping(self, servo: int) -> Model:
        """Who is servo `servo`? Raises NoReplyError when nobody answers."""
        raise NotImplementedError

    def scan(self, servos: Iterable[int]) -> dict[int, Model]:
        """Those of `servos` that answer a ping, each asked once."""
        raise NotImplementedError

    def read(self, servo: int, register: str) -> int:
        """One value of one servo; asked a second time when the first reply is lost."""
        raise NotImplementedError

    def write(self, servo: int, register: str, value: int) -> None:
        """Write one value and wait for the acknowledgement. NoReplyError means unknown, not undone."""
        raise NotImplementedError

    def sync_read(self, register: str, servos: Collection[int]) -> dict[int, int]:
        """One value of each servo in one transaction; those that did not answer are left out."""
        raise NotImplementedError

    def sync_read_block(self, first: str, last: str, servos: Collection[int]) -> dict[int, dict[str, int]]:
        """Every register from `first` to `last` of each servo, in one transaction."""
        raise NotImplementedError

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        """One value to each servo in one packet. The protocols give no acknowledgement."""
        raise NotImplementedError

    def sync_write_block(self, first: str, last: str, values: Mapping[int, Mapping[str, int]]) -> None:
        """Every register from `first` to `last`, without gaps, to each servo in one packet; not acknowledged."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the port back. Writes nothing to the servos; legal in every state, more than once."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
