"""Dynamixel X servos (Protocol 2.0) on a port."""

from collections.abc import Mapping, Sequence

from hardware.bus import Model, Port, RegisterBus, ScanResult, Table, Timing
from hardware.dynamixel import packets, tables


class Dynamixel:
    """Dynamixel's protocol. An error number is a refusal; the alert bit means that register `status` names an alarm."""

    name = "dynamixel"
    table: Table = tables.X_SERIES
    status_bytes = packets.STATUS_BYTES
    max_data = packets.MAX_DATA
    max_speed_ticks_s = 60_000  # an XL330-M077 turns at 383 rpm, 26 000, without load

    def table_of(self, model: Model) -> Table:
        """Return the registers of this model."""
        return tables.table_of(model.number)

    def identity_range(self) -> tuple[int, int]:
        """Return the range of model (2 bytes), model information (4) and firmware (1)."""
        return 0, 7

    def model(self, data: bytes) -> Model:
        """Decode the identity bytes."""
        number = int.from_bytes(data[:2], "little")
        return Model(number, tables.model_name(number), str(data[6]))

    def refusal(self, error: int) -> str:
        """Return the meaning of the error number."""
        number = error & ~packets.ALERT
        return packets.ERROR_WORDS.get(number, f"error {number}") if number else ""

    def alarms(self, error: int) -> tuple[str, ...]:
        """Return whether there is an alarm; `read(servo, "status")` names it."""
        return ("alert",) if error & packets.ALERT else ()

    def status_words(self, status: int) -> tuple[str, ...]:
        """Return the names of the alarms in the register `status`."""
        return tables.status_words(status)

    def write_hazard(self, register: str, value: int) -> str:
        """Return nothing: no hazards are known."""
        return ""

    def ping(self, servo: int) -> tuple[bytes, int]:
        """Return the packet, and the bytes of data in its reply."""
        return packets.ping(servo), 3

    def read(self, servo: int, address: int, length: int) -> bytes:
        """Return the packet."""
        return packets.read(servo, address, length)

    def write(self, servo: int, address: int, data: bytes) -> bytes:
        """Return the packet."""
        return packets.write(servo, address, data)

    def sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """Return the packet."""
        return packets.sync_read(address, length, servos)

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> bytes:
        """Return the packet."""
        return packets.sync_write(address, data)

    def scan(self, buffer: bytes, longest: int, final: bool) -> ScanResult:
        """Find the replies at the front of `buffer`."""
        return packets.scan(buffer, longest, final)

    def supports_fast_read(self, model: Model) -> bool:
        """Return whether this model and firmware answer fast sync reads; False if no minimum firmware is known."""
        minimum = tables.MODELS[model.number].fast_read_firmware if model.number in tables.MODELS else None
        return minimum is not None and int(model.firmware) >= minimum

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> bytes:
        """Return the packet."""
        return packets.fast_sync_read(address, length, servos)

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> ScanResult:
        """Split the shared reply once it is complete, or when no more bytes will come."""
        parts = packets.split_fast(buffer, count, length)
        if len(parts) < count and not final:
            return ScanResult((), 0, 0, 0)
        noise = len(buffer) - sum(len(part.raw) for part in parts)
        return ScanResult(parts, len(buffer), noise, int(len(parts) < count))


def dynamixel_bus(port: Port, timing: Timing | None = None) -> RegisterBus:
    """Return the bus of the servos on `port`."""
    return RegisterBus(port, Dynamixel(), timing)


def reboot(bus: RegisterBus, servo: int) -> None:
    """Reboot `servo`: torque off, gains and goals reset to defaults. The only way to clear a hardware error."""

    bus.instruct(servo, packets.reboot(servo), "reboot")
