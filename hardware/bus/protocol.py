"""What sets one protocol apart from the other, for the one driver of both (`hardware.bus.register_bus`)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hardware.bus.frames import Found
from hardware.bus.registers import Model, Table


class Dialect(Protocol):
    """Packets, table and the meaning of error bytes. No state."""

    @property
    def name(self) -> str:
        """The protocol's name."""
        raise NotImplementedError

    @property
    def table(self) -> Table:
        """Registers by name."""
        raise NotImplementedError

    @property
    def status_bytes(self) -> int:
        """Length of a reply without data."""
        raise NotImplementedError

    @property
    def most_data(self) -> int:
        """The most bytes of parameters in a packet."""
        raise NotImplementedError

    @property
    def fastest_ticks_s(self) -> int:
        """Faster than any servo of the family turns, by hand included."""
        raise NotImplementedError

    def table_of(self, model: Model) -> Table:
        """The registers that this model has."""
        raise NotImplementedError

    def identity(self) -> tuple[int, int]:
        """Address and length of the bytes that `model` reads."""
        raise NotImplementedError

    def model(self, data: bytes) -> Model:
        """Who these identity bytes say it is."""
        raise NotImplementedError

    def refusal(self, error: int) -> str:
        """Why the servo did not do it; empty when it did."""
        raise NotImplementedError

    def alarms(self, error: int) -> tuple[str, ...]:
        """The alarm words in an error byte."""
        raise NotImplementedError

    def status_words(self, status: int) -> tuple[str, ...]:
        """The alarm words in the register `status`."""
        raise NotImplementedError

    def trap(self, register: str, value: int) -> str:
        """Why this write is not an ordinary one and what to call instead; empty when it is."""
        raise NotImplementedError

    def ping(self, servo: int) -> tuple[bytes, int]:
        """The packet, and how many bytes of data its reply has."""
        raise NotImplementedError

    def read(self, servo: int, address: int, length: int) -> bytes:
        """The packet."""
        raise NotImplementedError

    def write(self, servo: int, address: int, data: bytes) -> bytes:
        """The packet."""
        raise NotImplementedError

    def sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """The packet."""
        raise NotImplementedError

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> bytes:
        """The packet."""
        raise NotImplementedError

    def scan(self, buffer: bytes, longest: int, final: bool) -> Found:
        """The replies at the front of `buffer`."""
        raise NotImplementedError

    def reads_fast(self, model: Model) -> bool:
        """Whether this model, with this firmware, answers fast sync reads."""
        raise NotImplementedError

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """The packet; asked for only where `reads_fast`."""
        raise NotImplementedError

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> Found:
        """The parts of the one reply to a fast sync read of `count` servos."""
        raise NotImplementedError
