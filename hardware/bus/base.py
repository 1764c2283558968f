"""The interface of a servo bus of any protocol. Drivers: `hardware.feetech.driver`, `hardware.dynamixel.driver`.

Values are raw counts with the sign decoded (`hardware.bus.registers`); this file knows neither radians nor joints.
A bus has one user at a time: it does not serialise calls from several threads, the owner of the port must.

Guarantees:
- A returned value answers this call: late replies to earlier requests are recognised and dropped.
- `read` and `write` raise NoReplyError when the servo does not answer. The `sync_` reads omit such servos from the
  returned mapping, so one silent servo does not affect the others.
- An alarm (overheating, overload, ...) is not an error: the value is returned and `alarms` holds the names.
- Any call may raise `hardware.bus.errors.BusLostError` when the port is gone; after it only `close` is useful.
"""

from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Protocol, Self

from hardware.bus.counters import Counters
from hardware.bus.registers import Model, Table


class ServoBus(Protocol):
    """Servos on one port. Registers are named as in `table`."""

    @property
    def protocol(self) -> str:
        """ "feetech" or "dynamixel"."""
        raise NotImplementedError

    @property
    def table(self) -> Table:
        """Registers by name."""
        raise NotImplementedError

    @property
    def counters(self) -> Counters:
        """Requests, replies and losses since the bus was opened."""
        raise NotImplementedError

    @property
    def alarms(self) -> Mapping[int, tuple[str, ...]]:
        """Names of the alarms in the newest reply of each servo that has replied; empty if there is none."""
        raise NotImplementedError

    @property
    def lost(self) -> bool:
        """Whether the port is gone (unplugged); latched."""
        raise NotImplementedError

    def ping(self, servo: int) -> Model:
        """Return the model of a servo. Raises NoReplyError if there is no answer."""
        raise NotImplementedError

    def scan(self, servos: Iterable[int]) -> dict[int, Model]:
        """Ping each of `servos` once and return the models of those that answer."""
        raise NotImplementedError

    def read(self, servo: int, register: str) -> int:
        """Read one register of one servo, a second time if the first reply is lost.

        Returns:
            The raw count, sign decoded.

        Raises:
            NoReplyError: when there is no valid reply.
            ServoRefusedError: when the servo reports an error.
        """
        raise NotImplementedError

    def write(self, servo: int, register: str, value: int) -> None:
        """Write one register of one servo and wait for the acknowledgement.

        Args:
            servo: id.
            register: name, as in `table`.
            value: raw count.

        Raises:
            RegisterError: when the register is read-only or cannot hold the value; nothing was sent.
            NoReplyError: without an acknowledgement; the write may have taken effect.
            ServoRefusedError: when the servo reports an error.
        """
        raise NotImplementedError

    def sync_read(self, register: str, servos: Collection[int]) -> dict[int, int]:
        """Read one register of several servos in one transaction.

        Returns:
            Raw counts by servo, without the servos that did not answer.
        """
        raise NotImplementedError

    def sync_read_block(self, first: str, last: str, servos: Collection[int]) -> dict[int, dict[str, int]]:
        """Read all registers from `first` to `last` of several servos in one transaction.

        Returns:
            Raw counts by servo and register name, without the servos that did not answer.
        """
        raise NotImplementedError

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        """Write one register of several servos in one packet, unacknowledged. Raises RegisterError."""
        raise NotImplementedError

    def sync_write_block(self, first: str, last: str, values: Mapping[int, Mapping[str, int]]) -> None:
        """Write all registers from `first` to `last` of several servos in one packet, unacknowledged.

        Raises:
            RegisterError: when the registers leave a gap, or a value is not writable.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the port. Writes nothing to the servos; allowed in any state and more than once."""

        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
