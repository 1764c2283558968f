"""Feetech STS and SMS servos on a port."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from hardware.bus.frames import ScanResult
from hardware.bus.port import Port
from hardware.bus.register_bus import RegisterBus
from hardware.bus.registers import Model, Table
from hardware.bus.transport import Timing
from hardware.feetech import packets, tables


class Feetech:
    """Feetech's dialect. The error byte is the status register: alarms, never a refusal."""

    name = "feetech"
    table: Table = tables.STS
    status_bytes = packets.STATUS_BYTES
    max_data = packets.MAX_DATA
    max_speed_ticks_s = 12_000  # 50 rpm is 3413 without load; pushed by hand it is more

    def table_of(self, model: Model) -> Table:
        """The registers that this model has."""
        return tables.STS

    def identity_range(self) -> tuple[int, int]:
        """Firmware (2 bytes), byte order, model (2)."""
        return 0, 5

    def model(self, data: bytes) -> Model:
        """Who these identity bytes say it is."""
        number = int.from_bytes(data[3:5], "little")
        return Model(number, tables.model_name(number), f"{data[0]}.{data[1]}")

    def refusal(self, error: int) -> str:
        """STS servos never say no."""
        return ""

    def alarms(self, error: int) -> tuple[str, ...]:
        """The alarm words in an error byte."""
        return tables.status_words(error)

    def status_words(self, status: int) -> tuple[str, ...]:
        """The alarm words in the register `status`."""
        return tables.status_words(status)

    def write_hazard(self, register: str, value: int) -> str:
        """128 in the torque switch moves the servo's zero for good."""
        moves_zero = register == "torque_enable" and value == tables.CENTRE_HERE
        return "it makes the present position 2048 for good; calibration calls centre_here" if moves_zero else ""

    def ping(self, servo: int) -> tuple[bytes, int]:
        """The packet, and how many bytes of data its reply has."""
        return packets.ping(servo), 0

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
        """The protocol has no fast sync read."""
        return False

    def fast_sync_read(self, address: int, length: int, servos: Sequence[int]) -> NoReturn:
        """The protocol has none."""
        raise AssertionError("asked for only where supports_fast_read")

    def scan_fast(self, buffer: bytes, count: int, length: int, final: bool) -> NoReturn:
        """The protocol has none."""
        raise AssertionError("asked for only where supports_fast_read")


def feetech_bus(port: Port, timing: Timing | None = None) -> RegisterBus:
    """The servos on `port`."""
    return RegisterBus(port, Feetech(), timing)


def centre_here(bus: RegisterBus, servo: int) -> None:
    """Make the present position 2048: changes the servo's offset for good. For calibration, with the torque off."""
    register = tables.STS["torque_enable"]
    bus.instruct(servo, packets.write(servo, register.address, bytes((tables.CENTRE_HERE,))), "centre here")
