"""What the words of `robot-wm arm` share: which arm, which port, and whether a supervisor has it."""

from dataclasses import dataclass

from hardware.arm_config import SerialArmConfig
from hardware.bus import ServoBus
from hardware.errors import PortError
from hardware.opening import open_bus
from hardware.supervisor.listening import OPERATOR
from hardware.supervisor.place import place_of, talk_to
from hardware.supervisor.wire import Channel, WireError
from robot_wm.config import find_config, load_config


@dataclass(frozen=True)
class Which:
    """An arm and where it is."""

    config: SerialArmConfig
    port: str


def which(arm: str, port: str | None) -> Which:
    """The arm of a file or name, on `port` or the file's own. Raises PortError where there is none."""
    config = load_config(SerialArmConfig, find_config("arms", arm))
    if not (port or config.port):
        raise PortError("no port given; name it with --port (robot-wm arm find lists what is there)")
    return Which(config, port or config.port)


def bus_of(arm: Which) -> ServoBus:
    """Open the arm's bus. Raises PortError, also where a supervisor has the port."""
    channel = supervisor_of(arm.port)
    if channel is not None:
        channel.close()
        raise PortError(f"port {arm.port!r} belongs to a running controller; end it first, or: robot-wm arm park")
    return open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing)


def supervisor_of(port: str) -> Channel | None:
    """A line to the supervisor that has a port; None where there is none."""
    try:
        return talk_to(place_of(port), OPERATOR, timeout_s=5.0)
    except WireError:
        return None
