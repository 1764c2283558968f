"""The one driver of both protocols: registers by name. See `hardware.bus.base.ServoBus` for what callers rely on."""

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

    def __init__(self, port: Port, dialect: ServoProtocol, timing: Timing | None = None) -> None:
        """Owns `port` from now on. Sends nothing yet."""
        self._port = port
        self._dialect = dialect
        self._servos = Transactions(port, dialect, timing or Timing())
        self._jumps = JumpCheck(dialect.max_speed_ticks_s)

    @property
    def protocol(self) -> str:
        """ "feetech" or "dynamixel"."""
        return self._dialect.name

    @property
    def table(self) -> Table:
        """The registers by name."""
        return self._dialect.table

    @property
    def counters(self) -> Counters:
        """What was sent, answered and lost."""
        return self._servos.counters

    @property
    def alarms(self) -> Mapping[int, tuple[str, ...]]:
        """The alarm words of each servo's newest reply."""
        return self._servos.alarms

    @property
    def lost(self) -> bool:
        """Whether the port is gone."""
        return self._servos.line.lost

    def ping(self, servo: int) -> Model:
        """Who is servo `servo`?"""
        return self._servos.identify(servo)

    def scan(self, servos: Iterable[int]) -> dict[int, Model]:
        """Those of `servos` that answer a ping."""
        return {servo: self.ping(servo) for servo in servos if self._servos.answers_ping(servo)}

    def read(self, servo: int, register: str) -> int:
        """One value of one servo."""
        wanted, value = self.table[register], 0
        for _ in range(ATTEMPTS):
            value = wanted.decode(self._servos.read(servo, wanted.address, wanted.size, register))
            if self._plausible(servo, wanted, value):
                self._note_status(servo, wanted, value)
                return value
        low, high = wanted.span
        raise NoReplyError(
            f"{self._servos.who(servo)} answers {register} with {value}: it must be {low} to {high}, without jumps. "
            "Are there two servos with this id?"
        )

    def write(self, servo: int, register: str, value: int) -> None:
        """Write one value and wait for the acknowledgement."""
        wanted = self._may_write(register, value)
        data = wanted.encode(value)
        doubtful = self._servos.write(servo, wanted.address, data, f"write of {value} to {register}")
        if doubtful and self.read(servo, register) != value:
            raise NoReplyError(f"{self._servos.who(servo)} did not take {value} for {register}. Write it again")

    def instruct(self, servo: int, packet: bytes, what: str) -> None:
        """Send a ready-made packet to one servo and wait for its acknowledgement."""
        self._servos.instruct(servo, packet, 0, what)

    def sync_read(self, register: str, servos: Collection[int]) -> dict[int, int]:
        """One value of each servo in one transaction."""
        blocks = self._blocks((self.table[register],), servos)
        return {servo: block[register] for servo, block in blocks.items()}

    def sync_read_block(self, first: str, last: str, servos: Collection[int]) -> dict[int, dict[str, int]]:
        """Every register from `first` to `last` of each servo in one transaction."""
        return self._blocks(self._between(first, last), servos)

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        """One value to each servo in one packet."""
        self.sync_write_block(register, register, {servo: {register: value} for servo, value in values.items()})

    def sync_write_block(self, first: str, last: str, values: Mapping[int, Mapping[str, int]]) -> None:
        """Every register from `first` to `last` to each servo in one packet."""
        if not values:
            return
        registers = self._between(first, last)
        if sum(register.size for register in registers) != self.table[last].end - self.table[first].address:
            raise RegisterError(f"{first} to {last} has gaps or doubles; write its registers one by one")
        data = {servo: self._encode(registers, block) for servo, block in values.items()}
        self._servos.sync_write(self.table[first].address, data)

    def close(self) -> None:
        """Give the port back."""
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
        found = self._servos.sync_read(start, registers[-1].end - start, servos)
        blocks = {servo: self._decode(servo, registers, start, data) for servo, data in found.items()}
        return {servo: block for servo, block in blocks.items() if self._all_plausible(servo, block)}

    def _between(self, first: str, last: str) -> tuple[Register, ...]:
        one, other = self.table[first], self.table[last]
        if one.address > other.address:
            raise RegisterError(f"{first} ({one.address}) lies after {last} ({other.address}); name them in this order")
        return self.table.between(first, last)

    def _note_status(self, servo: int, register: Register, value: int) -> None:
        if register.name == "status":
            self._servos.alarms[servo] = self._dialect.status_words(value)

    def _plausible(self, servo: int, register: Register, value: int) -> bool:
        fine = register.access == "rw" or register.allows(value)
        if fine and register.name == POSITION:
            fine = self._jumps.accepts(servo, value, self._port.now_s())
        self.counters.implausible += not fine
        return fine

    def _all_plausible(self, servo: int, block: Mapping[str, int]) -> bool:
        return all(self._plausible(servo, self.table[name], value) for name, value in block.items())

    def _decode(self, servo: int, registers: tuple[Register, ...], start: int, data: bytes) -> dict[str, int]:
        model = self._servos.models.get(servo)
        if model is not None and len(registers) > 1:  # of two names for one address, the one that this model has
            registers = tuple(each for each in registers if each.name in self._dialect.table_of(model))
        return {each.name: each.decode(data[each.address - start : each.end - start]) for each in registers}

    def _encode(self, registers: tuple[Register, ...], block: Mapping[str, int]) -> bytes:
        return b"".join(self._may_write(each.name, block[each.name]).encode(block[each.name]) for each in registers)

    def _may_write(self, name: str, value: int) -> Register:
        register = self.table[name]
        low, high = register.span
        if not register.writable:
            raise RegisterError(f"register {name} ({register.address}) is read-only; {value} was to be written")
        if not low <= value <= high:
            raise RegisterError(f"register {name} takes {low} to {high}; received {value}")
        if why := self._dialect.trap(name, value):
            raise RegisterError(f"register {name} is not given {value} here: {why}")
        return register
