"""Feetech STS and SMS servos on a port."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from hardware.bus import Model, Port, RegisterBus, ScanResult, Table, Timing
from hardware.feetech import packets, tables


class Feetech:
    """Feetech's protocol. The error byte is the status register: it reports alarms, never a refusal."""

    name = "feetech"
    table: Table = tables.STS
    status_bytes = packets.STATUS_BYTES
    max_data = packets.MAX_DATA
    max_speed_ticks_s = 12_000  # 50 rpm is 3413 without load; pushed by hand it is more

    def table_of(self, model: Model) -> Table:
        """Return the registers of this model."""
        return tables.STS

    def identity_range(self) -> tuple[int, int]:
        """Return the range of firmware (2 bytes), byte order (1) and model (2)."""
        return 0, 5

    def model(self, data: bytes) -> Model:
        """Decode the identity bytes."""
        number = int.from_bytes(data[3:5], "little")
        return Model(number, tables.model_name(number), f"{data[0]}.{data[1]}")

    def refusal(self, error: int) -> str:
        """Return nothing: STS servos report no refusals."""
        return ""

    def alarms(self, error: int) -> tuple[str, ...]:
        """Return the names of the alarms in an error byte."""
        return tables.status_words(error)

    def status_words(self, status: int) -> tuple[str, ...]:
        """Return the names of the alarms in the register `status`."""
        return tables.status_words(status)

    def write_hazard(self, register: str, value: int) -> str:
        """Refuse 128 in the torque switch: it moves the servo's zero permanently."""
        moves_zero = register == "torque_enable" and value == tables.CENTRE_HERE
        return "it makes the present position 2048 permanently; calibration calls centre_here" if moves_zero else ""

    def ping(self, servo: int) -> tuple[bytes, int]:
        """Return the packet, and the bytes of data in its reply."""
        return packets.ping(servo), 0

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
        """Return False: the protocol has no fast sync read."""
        return False

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> NoReturn:
        """Never called: the protocol has no fast sync read."""
        raise AssertionError("called although supports_fast_read is False")

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> NoReturn:
        """Never called: the protocol has no fast sync read."""
        raise AssertionError("called although supports_fast_read is False")


def feetech_bus(port: Port, timing: Timing | None = None) -> RegisterBus:
    """Return the bus of the servos on `port`."""
    return RegisterBus(port, Feetech(), timing)


def centre_here(bus: RegisterBus, servo: int) -> None:
    """Make the present position 2048 by changing the servo's offset permanently. For calibration, with torque off."""

    register = tables.STS["torque_enable"]
    bus.instruct(servo, packets.write(servo, register.address, bytes((tables.CENTRE_HERE,))), "centre here")
