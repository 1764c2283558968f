"""Shared by the subcommands of `robot-wm arm`: arm and port selection, and requests to a running supervisor."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from hardware.arm import SerialArmConfig
from hardware.bus import PortError, ServoBus
from hardware.buses import open_bus
from hardware.supervisor import OPERATOR, Channel, Message, WireError, connect_to, endpoint_of
from robot_wm.config import find_config, from_values
from robot_wm.errors import DeviceError
from robot_wm.station.make import arm_values


@dataclass(frozen=True)
class SelectedArm:
    """An arm and its port."""

    config: SerialArmConfig
    port: str


def select_arm(arm: str, port: str | None) -> SelectedArm:
    """Load the arm of a file or name, on `port` or the file's own port. Raises PortError if there is none."""
    config = from_values(SerialArmConfig, arm_values(arm), str(find_config("arms", arm)))
    if not (port or config.port):
        raise PortError("no port given; name it with --port (robot-wm arm find lists the ports)")
    return SelectedArm(config, port or config.port)


def open_arm_bus(arm: SelectedArm) -> ServoBus:
    """Open the arm's bus. Raises PortError, also if a supervisor owns the port."""
    channel = connect_to_supervisor(arm.port)
    if channel is not None:
        channel.close()
        raise PortError(f"port {arm.port!r} is in use by a running controller; end it first, or: robot-wm arm park")
    return open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing)


def connect_to_supervisor(port: str) -> Channel | None:
    """Return a channel to the supervisor that owns a port, None if there is none."""
    try:
        return connect_to(endpoint_of(port), OPERATOR, timeout_s=5.0)
    except WireError:
        return None


def request(channel: Channel, name: str, reason: str) -> Message:
    """Send a request to a supervisor and return its answer. Raises DeviceError if it refuses or does not answer."""
    try:
        channel.send({"do": name, "why": reason})
        answer = channel.receive()
    except WireError as error:
        raise DeviceError(
            f"the supervisor does not answer; if the arm is energised, cut its power ({error})"
        ) from error
    if not answer.get("ok"):
        raise DeviceError(
            f"the supervisor refuses to {name}: {answer.get('error')}; if the arm is energised, cut its power"
        )
    return answer


@contextmanager
def handlers(handler: Callable[[int, FrameType | None], Any], *numbers: signal.Signals) -> Iterator[None]:
    """Handle signals within the block, and restore their handlers after it."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old if old is not None else signal.SIG_DFL)


def interrupt_on_signals() -> AbstractContextManager[None]:
    """Within the block, treat SIGTERM, a closed terminal and Ctrl-\\ like Ctrl-C: park and release.

    A second one releases at once. For commands that move the arm without a supervisor.
    """
    return handlers(signal.default_int_handler, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def require_released(servos: list[str]) -> None:
    """Raise DeviceError naming the servos that could not be released, if any."""
    if servos:
        raise DeviceError(f"may still be energised, cut the arm's power: {', '.join(servos)}")


def print_status(message: str) -> None:
    """Print a line of progress to standard error, so that standard output holds only results."""
    print(message, file=sys.stderr, flush=True)
