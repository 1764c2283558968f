"""What differs between servo protocols, for the one driver of all of them (`hardware.bus.register_bus`)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hardware.bus.frames import ScanResult
from hardware.bus.registers import Model, Table


class ServoProtocol(Protocol):
    """Packets, control table and the meaning of error bytes. Stateless."""

    @property
    def name(self) -> str:
        """Name of the protocol."""
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
    def max_data(self) -> int:
        """Largest number of parameter bytes in a packet."""
        raise NotImplementedError

    @property
    def max_speed_ticks_s(self) -> int:
        """Speed that no servo of the family exceeds, not even when pushed by hand."""
        raise NotImplementedError

    def table_of(self, model: Model) -> Table:
        """Return the registers of this model."""
        raise NotImplementedError

    def identity_range(self) -> tuple[int, int]:
        """Return address and length of the bytes that `model` decodes."""
        raise NotImplementedError

    def model(self, data: bytes) -> Model:
        """Decode the bytes of `identity_range`."""
        raise NotImplementedError

    def refusal(self, error: int) -> str:
        """Return why the servo did not carry out the request, from the error byte; empty if it did."""
        raise NotImplementedError

    def alarms(self, error: int) -> tuple[str, ...]:
        """Return the names of the alarms in an error byte."""
        raise NotImplementedError

    def status_words(self, status: int) -> tuple[str, ...]:
        """Return the names of the alarms in the register `status`."""
        raise NotImplementedError

    def write_hazard(self, register: str, value: int) -> str:
        """Return why this write has a special effect and what to call instead; empty for an ordinary write."""
        raise NotImplementedError

    def ping(self, servo: int) -> tuple[bytes, int]:
        """Return the packet, and the bytes of data in its reply."""
        raise NotImplementedError

    def read(self, servo: int, address: int, length: int) -> bytes:
        """Return the packet."""
        raise NotImplementedError

    def write(self, servo: int, address: int, data: bytes) -> bytes:
        """Return the packet."""
        raise NotImplementedError

    def sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """Return the packet."""
        raise NotImplementedError

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> bytes:
        """Return the packet."""
        raise NotImplementedError

    def scan(self, buffer: bytes, longest: int, final: bool) -> ScanResult:
        """Find the replies at the front of `buffer`, with at most `longest` bytes of data each."""
        raise NotImplementedError

    def supports_fast_read(self, model: Model) -> bool:
        """Return whether this model with this firmware answers fast sync reads."""
        raise NotImplementedError

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """Return the packet; called only if `supports_fast_read`."""
        raise NotImplementedError

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> ScanResult:
        """Split the shared reply to a fast sync read of `count` servos."""
        raise NotImplementedError
