"""What the words of `robot-wm arm` share: which arm, which port, and whether a supervisor has it."""

import signal
from dataclasses import dataclass

from hardware.arm.config import SerialArmConfig
from hardware.bus import PortError, ServoBus
from hardware.buses import open_bus
from hardware.supervisor.endpoint import connect_to, endpoint_of
from hardware.supervisor.server import OPERATOR
from hardware.supervisor.wire import Channel, Message, WireError
from robot_wm.config import find_config, load_config
from robot_wm.errors import DeviceError


@dataclass(frozen=True)
class SelectedArm:
    """An arm and where it is."""

    config: SerialArmConfig
    port: str


def select_arm(arm: str, port: str | None) -> SelectedArm:
    """The arm of a file or name, on `port` or the file's own. Raises PortError where there is none."""
    config = load_config(SerialArmConfig, find_config("arms", arm))
    if not (port or config.port):
        raise PortError("no port given; name it with --port (robot-wm arm find lists what is there)")
    return SelectedArm(config, port or config.port)


def open_arm_bus(arm: SelectedArm) -> ServoBus:
    """Open the arm's bus. Raises PortError, also where a supervisor has the port."""
    channel = connect_to_supervisor(arm.port)
    if channel is not None:
        channel.close()
        raise PortError(f"port {arm.port!r} belongs to a running controller; end it first, or: robot-wm arm park")
    return open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing)


def ask(channel: Channel, word: str, why: str) -> Message:
    """A supervisor's answer. Raises DeviceError where it refuses or does not answer."""
    try:
        channel.send({"do": word, "why": why})
        answer = channel.receive()
    except WireError as error:
        raise DeviceError(f"the supervisor does not answer; if the arm holds, cut its power ({error})") from error
    if not answer.get("ok"):
        raise DeviceError(f"the supervisor refuses to {word}: {answer.get('error')}; if the arm holds, cut its power")
    return answer


def interrupt_on_signals() -> None:
    """Take SIGTERM, a closed terminal and Ctrl-\\ as Ctrl-C, which parks and releases; a second one releases at once.

    For words that move the arm without a supervisor.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.default_int_handler)


def require_released(status: Message) -> None:
    """Raises DeviceError naming the servos that a supervisor could not release."""
    if status["unreleased"]:
        raise DeviceError(f"may still hold, cut the arm's power: {', '.join(status['unreleased'])}")


def connect_to_supervisor(port: str) -> Channel | None:
    """A line to the supervisor that has a port; None where there is none."""
    try:
        return connect_to(endpoint_of(port), OPERATOR, timeout_s=5.0)
    except WireError:
        return None
