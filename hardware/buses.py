"""The supported servo buses by protocol name, and how to open one."""

from hardware.bus import Port, SerialPort, ServoBus, Timing
from hardware.dynamixel import dynamixel_bus
from hardware.feetech import feetech_bus
from robot_wm.errors import UnknownNameError

BUSES = {"feetech": feetech_bus, "dynamixel": dynamixel_bus}


def open_bus(port_url: str, protocol: str, baud: int = 1_000_000, timing: Timing | None = None) -> ServoBus:
    """Open a serial port and return the bus on it.

    Args:
        port_url: a device path, `socket://host:port` or `rfc2217://host:port`.
        protocol: a key of `BUSES`.
        baud: bits per second.
        timing: how long to wait for replies; the default suits a local adapter.

    Raises:
        UnknownNameError: for a protocol that is not in `BUSES`.
        PortError: when the port is missing, not permitted or in use.
    """
    _require_known(protocol)
    return BUSES[protocol](SerialPort(port_url, baud), timing)


def bus_on(port: Port, protocol: str, timing: Timing | None = None) -> ServoBus:
    """Return the bus on `port`, which is open already or simulated. Raises UnknownNameError."""
    _require_known(protocol)
    return BUSES[protocol](port, timing)


def _require_known(protocol: str) -> None:
    if protocol not in BUSES:
        raise UnknownNameError("protocol", protocol, BUSES)
