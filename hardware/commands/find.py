"""`robot-wm arm find`: list serial ports, and the servos on them with protocol, baud rate, id and model."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro
from serial.tools import list_ports

from hardware.bus import BusError, BusLostError, PortError, latency_timer_s
from hardware.buses import open_bus
from hardware.commands.common import connect_to_supervisor, print_status
from robot_wm.errors import ConfigError

BAUDS = {
    "feetech": (1_000_000, 500_000, 250_000, 128_000, 115_200, 76_800, 57_600, 38_400),
    "dynamixel": (57_600, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 115_200, 9_600),
}
_SLOW_TIMER_S = 0.002


@dataclass(frozen=True)
class FindArguments:
    """Search serial ports for servos, at one baud rate after the other. Moves nothing and writes nothing."""

    port: str | None = None  # search only this port; default: all serial ports
    ids: str = "1-20"  # servo ids to try, e.g. 1-20 or 1,2,3
    json: bool = False  # print one JSON object


@dataclass(frozen=True)
class Answer:
    """One servo that answered."""

    port: str
    protocol: str
    baud: int
    id: int
    model: str
    firmware: str


def main(argv: list[str]) -> int:
    """Return exit status 0 if a servo answered; raise PortError (5) if none did."""
    args = tyro.cli(FindArguments, args=argv, prog="robot-wm arm find")
    ids, ports = _ids(args.ids), [args.port] if args.port else _ports()
    answers = [answer for port in ports for answer in _search(port, ids)]
    if args.json:
        print(json.dumps({"ports": ports, "servos": [asdict(answer) for answer in answers]}))
    if not answers:
        tried = ", ".join(ports) or "none found; is the cable plugged in?"
        raise PortError(f"no servo answered (ports: {tried}); is the arm's power on? For other ids: --ids 1-252")
    return 0


def _search(port: str, ids: tuple[int, ...]) -> list[Answer]:
    channel = connect_to_supervisor(port)
    if channel is not None:
        channel.close()
        print_status(f"{port}: in use by a running controller")
        return []
    if (timer_s := latency_timer_s(port)) > _SLOW_TIMER_S:
        print_status(
            f"{port}: its latency timer is {1e3 * timer_s:.0f} ms; a 100 Hz loop needs 1 ms (docs/serial_arm.md)"
        )
    try:
        return list(_scan_bauds(port, ids))
    except PortError as error:
        print_status(str(error))
        return []


def _scan_bauds(port: str, ids: tuple[int, ...]) -> Iterator[Answer]:
    """Yield the servos at the first baud rate of each protocol at which any answers."""
    for protocol, bauds in BAUDS.items():
        for baud in bauds:
            found = [Answer(port, protocol, baud, *each) for each in _scan(port, protocol, baud, ids)]
            for answer in found:
                model = f"{answer.model}, firmware {answer.firmware}"
                print_status(f"{port}: {protocol} at {baud} baud: servo {answer.id}: {model}")
            yield from found
            if found:
                return


def _scan(port: str, protocol: str, baud: int, ids: tuple[int, ...]) -> list[tuple[int, str, str]]:
    try:
        with open_bus(port, protocol, baud) as bus:
            return [(servo, model.name, model.firmware) for servo, model in bus.scan(ids).items()]
    except (BusLostError, PortError):
        raise
    except BusError:
        return []  # noise that looked like an answer


def _ports() -> list[str]:
    """Return the serial ports, by their persistent name if they have one."""
    by_id = {str(path.resolve()): str(path) for path in Path("/dev/serial/by-id").glob("*")}
    return sorted(by_id.get(port.device, port.device) for port in list_ports.comports() if port.hwid != "n/a")


def _ids(text: str) -> tuple[int, ...]:
    try:
        spans = [part.partition("-") for part in text.split(",")]
        ids = [each for low, dash, high in spans for each in range(int(low), int(high if dash else low) + 1)]
    except ValueError:
        ids = []
    if not ids or not all(0 <= each <= 252 for each in ids):
        raise ConfigError(f"--ids accepts ids between 0 and 252, such as 1-20 or 1,2,3; received {text!r}")
    return tuple(ids)
