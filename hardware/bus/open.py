"""A bus from words: which port, which protocol, which baud."""

from hardware.bus.base import ServoBus
from hardware.bus.port import Port, SerialPort
from hardware.bus.transport import Timing
from hardware.dynamixel.driver import dynamixel_bus
from hardware.feetech.driver import feetech_bus
from robot_wm.errors import UnknownNameError

BUSES = {"feetech": feetech_bus, "dynamixel": dynamixel_bus}


def open_bus(port_url: str, protocol: str, baud: int = 1_000_000, timing: Timing | None = None) -> ServoBus:
    """Open `port_url` (a path, `socket://` or `rfc2217://`) for servos that speak `protocol`."""
    _check(protocol)
    return bus_on(SerialPort(port_url, baud), protocol, timing)


def bus_on(port: Port, protocol: str, timing: Timing | None = None) -> ServoBus:
    """Servos that speak `protocol` on a port that is open already, or simulated."""
    _check(protocol)
    return BUSES[protocol](port, timing)


def _check(protocol: str) -> None:
    if protocol not in BUSES:
        raise UnknownNameError("protocol", protocol, BUSES)
