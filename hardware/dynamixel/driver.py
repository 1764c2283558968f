"""Dynamixel X servos (Protocol 2.0) on a port."""

from collections.abc import Mapping, Sequence

from hardware.bus.frames import ScanResult
from hardware.bus.port import Port
from hardware.bus.register_bus import RegisterBus
from hardware.bus.registers import Model, Table
from hardware.bus.transport import Timing
from hardware.dynamixel import packets, tables


class Dynamixel:
    """Dynamixel's dialect. An error number is a refusal; the alert bit says that register `status` names an alarm."""

    name = "dynamixel"
    table: Table = tables.X_SERIES
    status_bytes = packets.STATUS_BYTES
    max_data = packets.MAX_DATA
    max_speed_ticks_s = 60_000  # an XL330-M077 turns at 383 rpm, 26 000, without load

    def table_of(self, model: Model) -> Table:
        """The registers that this model has."""
        return tables.table_of(model.number)

    def identity_range(self) -> tuple[int, int]:
        """Model (2 bytes), model information (4), firmware."""
        return 0, 7

    def model(self, data: bytes) -> Model:
        """Who these identity bytes say it is."""
        number = int.from_bytes(data[:2], "little")
        return Model(number, tables.model_name(number), str(data[6]))

    def refusal(self, error: int) -> str:
        """The words of the error number."""
        number = error & ~packets.ALERT
        return packets.ERROR_WORDS.get(number, f"error {number}") if number else ""

    def alarms(self, error: int) -> tuple[str, ...]:
        """Only that there is one; `read(servo, "status")` says which."""
        return ("alert",) if error & packets.ALERT else ()

    def status_words(self, status: int) -> tuple[str, ...]:
        """The alarm words in the register `status`."""
        return tables.status_words(status)

    def write_hazard(self, register: str, value: int) -> str:
        """None known."""
        return ""

    def ping(self, servo: int) -> tuple[bytes, int]:
        """The packet, and how many bytes of data its reply has."""
        return packets.ping(servo), 3

    def read(self, servo: int, address: int, length: int) -> bytes:
        """The packet."""
        return packets.read(servo, address, length)

    def write(self, servo: int, address: int, data: bytes) -> bytes:
        """The packet."""
        return packets.write(servo, address, data)

    def sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """The packet."""
        return packets.sync_read(address, length, servos)

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> bytes:
        """The packet."""
        return packets.sync_write(address, data)

    def scan(self, buffer: bytes, longest: int, final: bool) -> ScanResult:
        """The replies at the front of `buffer`."""
        return packets.scan(buffer, longest, final)

    def supports_fast_read(self, model: Model) -> bool:
        """Whether this model, with this firmware, answers fast sync reads: only where a floor is known."""
        floor = tables.MODELS[model.number].fast_read_firmware if model.number in tables.MODELS else None
        return floor is not None and int(model.firmware) >= floor

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """The packet."""
        return packets.fast_sync_read(address, length, servos)

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> ScanResult:
        """The parts of the one reply; nothing before it is whole, unless no more will come."""
        parts = packets.split_fast(buffer, count, length)
        if len(parts) < count and not final:
            return ScanResult((), 0, 0, 0)
        spoilt = len(buffer) - sum(len(part.raw) for part in parts)
        return ScanResult(parts, len(buffer), spoilt, int(len(parts) < count))


def dynamixel_bus(port: Port, timing: Timing | None = None) -> RegisterBus:
    """The servos on `port`."""
    return RegisterBus(port, Dynamixel(), timing)


def reboot(bus: RegisterBus, servo: int) -> None:
    """Start `servo` anew: torque off, gains and goals back to their defaults. The only cure of a tripped servo."""
    bus.instruct(servo, packets.reboot(servo), "reboot")
