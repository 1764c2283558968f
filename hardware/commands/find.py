"""`robot-wm arm find`: which ports there are, and which servos answer on them, in which protocol, at which baud."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro
from serial.tools import list_ports

from hardware.bus import BusError, BusLostError, PortError, latency_timer_s
from hardware.buses import open_bus
from hardware.commands.common import connect_to_supervisor
from robot_wm.errors import ConfigError

BAUDS = {
    "feetech": (1_000_000, 500_000, 250_000, 128_000, 115_200, 76_800, 57_600, 38_400),
    "dynamixel": (57_600, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 115_200, 9_600),
}
_SLOW_TIMER_S = 0.002


@dataclass(frozen=True)
class FindArguments:
    """Ask for servos at one baud after the other, until some answer. Moves nothing and writes nothing."""

    port: str | None = None  # only this one; without: every serial port there is
    ids: str = "1-20"  # that are asked, e.g. 1-20 or 1,2,3
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
    """Exit status 0 when a servo answered, 5 when none did."""
    args = tyro.cli(FindArguments, args=argv, prog="robot-wm arm find")
    ids, ports = _ids(args.ids), [args.port] if args.port else _ports()
    answers = [answer for port in ports for answer in _on(port, ids)]
    if args.json:
        print(json.dumps({"ports": ports, "servos": [asdict(answer) for answer in answers]}))
    if not answers:
        asked = ", ".join(ports) or "none found; is the cable in?"
        raise PortError(f"no servo answered (ports: {asked}); is the arm's power on? Other ids: --ids 1-252")
    return 0


def _on(port: str, ids: tuple[int, ...]) -> list[Answer]:
    channel = connect_to_supervisor(port)
    if channel is not None:
        channel.close()
        _say(f"{port}: in use by a running controller")
        return []
    if (timer_s := latency_timer_s(port)) > _SLOW_TIMER_S:
        _say(f"{port}: its latency timer is {1e3 * timer_s:.0f} ms; 1 is what 100 Hz needs (docs/serial_arm.md)")
    try:
        return list(_asked(port, ids))
    except PortError as error:
        _say(str(error))
        return []


def _asked(port: str, ids: tuple[int, ...]) -> Iterator[Answer]:
    """Every servo, at the first baud of a protocol at which any answers."""
    for protocol, bauds in BAUDS.items():
        for baud in bauds:
            found = [Answer(port, protocol, baud, *each) for each in _scan(port, protocol, baud, ids)]
            for answer in found:
                words = f"{answer.model}, firmware {answer.firmware}"
                _say(f"{port}: {protocol} at {baud} baud: servo {answer.id}: {words}")
            yield from found
            if found:
                return


def _scan(port: str, protocol: str, baud: int, ids: tuple[int, ...]) -> list[tuple[int, str, str]]:
    try:
        with open_bus(port, protocol, baud) as bus:
            return [(servo, model.name, model.firmware) for servo, model in bus.scan(ids).items()]
    except BusLostError:
        raise
    except PortError:
        raise
    except BusError:
        return []  # noise that looked like an answer


def _ports() -> list[str]:
    """Ports by the name that stays when they are plugged in again, where they have one."""
    by_id = {str(path.resolve()): str(path) for path in Path("/dev/serial/by-id").glob("*")}
    return sorted(by_id.get(port.device, port.device) for port in list_ports.comports() if port.hwid != "n/a")


def _ids(words: str) -> tuple[int, ...]:
    try:
        spans = [part.partition("-") for part in words.split(",")]
        ids = [each for low, dash, high in spans for each in range(int(low), int(high if dash else low) + 1)]
    except ValueError:
        ids = []
    if not ids or not all(0 <= each <= 252 for each in ids):
        raise ConfigError(f"--ids takes ids within 0 and 252, such as 1-20 or 1,2,3; received {words!r}")
    return tuple(ids)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
