"""A servo's control table as data: address, size, sign encoding, unit and scale of each register.

The tables are in `hardware.feetech.tables` and `hardware.dynamixel.tables`. Values are raw integers with the sign
decoded; only `to_unit` and `to_raw` convert counts to rad, V, degrees Celsius or A. Knows no port.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from robot_wm.errors import UnknownNameError


class Sign(Enum):
    """Encoding of negative values."""

    UNSIGNED = "unsigned"
    TWOS_COMPLEMENT = "two's complement"
    SIGN_MAGNITUDE = "sign and magnitude"


@dataclass(frozen=True)
class Register:
    """One little-endian entry of the control table.

    One count equals `scale` in `unit`. `low`..`high` is the range that the servo accepts or reports. `default` is the
    factory value. `eeprom` registers keep their value without power and are locked in normal use.
    """

    name: str
    address: int
    size: int
    access: str = "rw"  # "rw" or "r"
    unit: str = ""
    scale: float = 1.0
    sign: Sign = Sign.UNSIGNED
    sign_bit: int = 0  # for SIGN_MAGNITUDE
    eeprom: bool = False
    low: int | None = None
    high: int | None = None
    default: int = 0

    @property
    def end(self) -> int:
        """The address after the last byte."""
        return self.address + self.size

    @property
    def writable(self) -> bool:
        """Whether the servo accepts writes."""
        return self.access == "rw"

    @cached_property
    def span(self) -> tuple[int, int]:
        """Lowest and highest raw value: the limits of the bytes, narrowed by `low` and `high`."""
        bits = 8 * self.size
        if self.sign is Sign.UNSIGNED:
            low, high = 0, (1 << bits) - 1
        elif self.sign is Sign.TWOS_COMPLEMENT:
            low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        else:
            low, high = 1 - (1 << self.sign_bit), (1 << self.sign_bit) - 1
        return (low if self.low is None else self.low, high if self.high is None else self.high)

    def allows(self, value: int) -> bool:
        """Return whether the servo accepts or can report the raw `value`."""
        low, high = self.span
        return low <= value <= high

    def encode(self, value: int) -> bytes:
        """Encode a raw `value` as `size` bytes; the caller has checked `allows`."""
        if self.sign is Sign.SIGN_MAGNITUDE and value < 0:
            value = -value | (1 << self.sign_bit)
        return (value & ((1 << (8 * self.size)) - 1)).to_bytes(self.size, "little")

    def decode(self, data: bytes | bytearray) -> int:
        """Decode `size` bytes to a raw value."""
        if self.sign is Sign.TWOS_COMPLEMENT:
            return int.from_bytes(data, "little", signed=True)
        value = int.from_bytes(data, "little")
        if self.sign is Sign.SIGN_MAGNITUDE and value >> self.sign_bit & 1:
            return -(value & ~(1 << self.sign_bit))
        return value

    def to_unit(self, raw: int) -> float:
        """Convert counts to `unit`."""
        return raw * self.scale

    def to_raw(self, value: float) -> int:
        """Convert `unit` to the nearest count."""
        return round(value / self.scale)


@dataclass(frozen=True)
class Table(Mapping[str, Register]):
    """Registers by name. Two may share an address where models use it for different quantities."""

    registers: tuple[Register, ...]
    readable: tuple[tuple[int, int], ...]  # [start, end) address ranges that a read may cover
    by_name: Mapping[str, Register] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {register.name: register for register in self.registers})

    def __getitem__(self, name: str) -> Register:
        if name not in self.by_name:
            raise UnknownNameError("register", name, self.by_name)
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.registers)

    def between(self, first: str, last: str) -> tuple[Register, ...]:
        """Return the registers from the start of `first` to the end of `last`, by address."""
        start, end = self[first].address, self[last].end
        inside = [register for register in self.registers if start <= register.address and register.end <= end]
        return tuple(sorted(inside, key=lambda register: register.address))

    def may_read(self, address: int, length: int) -> bool:
        """Return whether `length` bytes from `address` all belong to the table."""
        return any(start <= address and address + length <= end for start, end in self.readable)


@dataclass(frozen=True)
class Model:
    """Identity that a servo reports."""

    number: int
    name: str  # "unknown model 123" if the tables do not list it

    firmware: str
