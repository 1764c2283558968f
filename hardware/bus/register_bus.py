"""The driver of both protocols: registers by name. `hardware.bus.base.ServoBus` documents the interface."""

from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Self

from hardware.bus.counters import Counters
from hardware.bus.errors import NoReplyError, RegisterError
from hardware.bus.jump_check import JumpCheck
from hardware.bus.port import Port
from hardware.bus.protocol import ServoProtocol
from hardware.bus.registers import Model, Register, Table
from hardware.bus.transactions import ATTEMPTS, Transactions
from hardware.bus.transport import Timing

POSITION = "present_position"


class RegisterBus:
    """Servos of one protocol on one port."""

    def __init__(self, port: Port, protocol: ServoProtocol, timing: Timing | None = None) -> None:
        """Take ownership of `port`. Sends nothing."""
        self._port = port
        self._protocol = protocol
        self._transactions = Transactions(port, protocol, timing or Timing())
        self._jumps = JumpCheck(protocol.max_speed_ticks_s)

    @property
    def protocol(self) -> str:
        """ "feetech" or "dynamixel"."""
        return self._protocol.name

    @property
    def table(self) -> Table:
        """The registers by name."""
        return self._protocol.table

    @property
    def counters(self) -> Counters:
        """Requests, replies and losses."""
        return self._transactions.counters

    @property
    def alarms(self) -> Mapping[int, tuple[str, ...]]:
        """Names of the alarms in each servo's newest reply."""
        return self._transactions.alarms

    @property
    def lost(self) -> bool:
        """Whether the port is gone."""
        return self._transactions.transport.lost

    def ping(self, servo: int) -> Model:
        """Return the model of a servo."""
        return self._transactions.identify(servo)

    def scan(self, servos: Iterable[int]) -> dict[int, Model]:
        """Return the models of those of `servos` that answer a ping."""
        return {servo: self.ping(servo) for servo in servos if self._transactions.answers_ping(servo)}

    def read(self, servo: int, register: str) -> int:
        """Read one register of one servo."""
        wanted, value = self.table[register], 0
        for _ in range(ATTEMPTS):
            value = wanted.decode(self._transactions.read(servo, wanted.address, wanted.size, register))
            if self._plausible(servo, wanted, value):
                self._record_status(servo, wanted, value)
                return value
        low, high = wanted.span
        raise NoReplyError(
            f"{self._transactions.describe(servo)} reports {register} {value}; allowed: {low} to {high}, without "
            "jumps. Do two servos have this id?"
        )

    def write(self, servo: int, register: str, value: int) -> None:
        """Write one register of one servo and wait for the acknowledgement."""
        wanted = self._writable(register, value)
        data = wanted.encode(value)
        ambiguous = self._transactions.write(servo, wanted.address, data, f"write of {value} to {register}")
        if ambiguous and self.read(servo, register) != value:
            raise NoReplyError(
                f"{self._transactions.describe(servo)} did not accept {value} for {register}. Write it again"
            )

    def instruct(self, servo: int, packet: bytes, what: str) -> None:
        """Send a ready-made packet to one servo and wait for its acknowledgement."""
        self._transactions.instruct(servo, packet, 0, what)

    def sync_read(self, register: str, servos: Collection[int]) -> dict[int, int]:
        """Read one register of several servos in one transaction."""
        blocks = self._blocks((self.table[register],), servos)
        return {servo: block[register] for servo, block in blocks.items()}

    def sync_read_block(self, first: str, last: str, servos: Collection[int]) -> dict[int, dict[str, int]]:
        """Read all registers from `first` to `last` of several servos in one transaction."""
        return self._blocks(self._between(first, last), servos)

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        """Write one register of several servos in one packet."""
        self.sync_write_block(register, register, {servo: {register: value} for servo, value in values.items()})

    def sync_write_block(self, first: str, last: str, values: Mapping[int, Mapping[str, int]]) -> None:
        """Write all registers from `first` to `last` of several servos in one packet."""
        if not values:
            return
        registers = self._between(first, last)
        if sum(register.size for register in registers) != self.table[last].end - self.table[first].address:
            raise RegisterError(f"{first} to {last} has gaps or overlaps; write its registers one by one")
        data = {servo: self._encode(registers, block) for servo, block in values.items()}
        self._transactions.sync_write(self.table[first].address, data)

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _blocks(self, registers: tuple[Register, ...], servos: Collection[int]) -> dict[int, dict[str, int]]:
        if not servos:
            return {}
        start = registers[0].address
        found = self._transactions.sync_read(start, registers[-1].end - start, servos)
        blocks = {servo: self._decode(servo, registers, start, data) for servo, data in found.items()}
        return {servo: block for servo, block in blocks.items() if self._all_plausible(servo, block)}

    def _between(self, first: str, last: str) -> tuple[Register, ...]:
        one, other = self.table[first], self.table[last]
        if one.address > other.address:
            raise RegisterError(f"{first} ({one.address}) lies after {last} ({other.address}); swap them")
        return self.table.between(first, last)

    def _record_status(self, servo: int, register: Register, value: int) -> None:
        if register.name == "status":
            self._transactions.alarms[servo] = self._protocol.status_words(value)

    def _plausible(self, servo: int, register: Register, value: int) -> bool:
        plausible = register.access == "rw" or register.allows(value)
        if plausible and register.name == POSITION:
            plausible = self._jumps.accepts(servo, value, self._port.now_s())
        self.counters.implausible += not plausible
        return plausible

    def _all_plausible(self, servo: int, block: Mapping[str, int]) -> bool:
        return all(self._plausible(servo, self.table[name], value) for name, value in block.items())

    def _decode(self, servo: int, registers: tuple[Register, ...], start: int, data: bytes) -> dict[str, int]:
        model = self._transactions.models.get(servo)
        if model is not None and len(registers) > 1:  # of names that share an address, keep the model's
            registers = tuple(each for each in registers if each.name in self._protocol.table_of(model))
        return {each.name: each.decode(data[each.address - start : each.end - start]) for each in registers}

    def _encode(self, registers: tuple[Register, ...], block: Mapping[str, int]) -> bytes:
        return b"".join(self._writable(each.name, block[each.name]).encode(block[each.name]) for each in registers)

    def _writable(self, name: str, value: int) -> Register:
        register = self.table[name]
        low, high = register.span
        if not register.writable:
            raise RegisterError(f"register {name} ({register.address}) is read-only; received {value} to write")
        if not low <= value <= high:
            raise RegisterError(f"register {name} accepts {low} to {high}; received {value}")
        if hazard := self._protocol.write_hazard(name, value):
            raise RegisterError(f"register {name} may not be set to {value}: {hazard}")

        return register
