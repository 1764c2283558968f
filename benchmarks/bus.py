"""How fast and how true six servos are read and written: our driver beside the vendors' SDKs and rustypot.

    python -m benchmarks.bus

The servos are bytes behind a pseudo-terminal in another process, paced like a wire at 1 Mbaud (`benchmarks.bus_peer`),
so that the figures are of the clients and not of USB. Three parts, all clients in one run:

- ceiling: sync read of six positions and sync write of six goals, back to back; cycles a second, processor time a cycle
- loop: the same at 100 Hz; how far a cycle's end strays from its usual time after the tick
- stale: the same with late replies; how many values belonged to an earlier read

Clients take turns in short rounds, so that a machine that slows down slows down all. Prints one JSON object.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import dynamixel_sdk
import rustypot
import scservo_sdk
import tyro

from benchmarks.bus_peer import ADDRESS, IDS
from hardware.buses import open_bus

BAUD = 1_000_000
GOALS = {"feetech": (42, 2), "dynamixel": (116, 4)}  # address, size
SIZE = {"feetech": 2, "dynamixel": 4}
TURN = 4096
Cycle = Callable[[int], Mapping[int, int]]  # goal -> positions of those that answered


@dataclass(frozen=True)
class Arguments:
    """Measure the bus."""

    cycles: int = 2000  # a client, back to back
    loop_s: float = 10.0  # a client, at 100 Hz
    rate_hz: float = 100.0
    rounds: int = 4
    stale_cycles: int = 10_000
    late: float = 0.01  # share of late replies


@dataclass
class Result:
    """Seconds of one client."""

    cycle_s: list[float] = field(default_factory=list)
    busy_s: float = 0.0
    stray_s: list[float] = field(default_factory=list)
    short: int = 0  # cycles in which not all servos answered
    stale: int = 0  # cycles with values of an earlier one; a client that lags does not wait, and looks fast


@contextmanager
def peer(protocol: str, late: float = 0.0) -> Iterator[str]:
    """Servos in another process; their terminal's path."""
    command = [sys.executable, "-m", "benchmarks.bus_peer", protocol, "--late", str(late)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@contextmanager
def ours(path: str, protocol: str) -> Iterator[Cycle]:
    """Our driver."""
    with open_bus(path, protocol, BAUD) as bus:

        def cycle(goal: int) -> Mapping[int, int]:
            positions = bus.sync_read("present_position", IDS)
            bus.sync_write("goal_position", dict.fromkeys(IDS, goal))
            return positions

        yield cycle


@contextmanager
def vendor(path: str, protocol: str) -> Iterator[Cycle]:
    """The vendor's SDK in Python."""
    sdk: Any = scservo_sdk if protocol == "feetech" else dynamixel_sdk
    port = sdk.PortHandler(path)
    assert port.openPort() and port.setBaudRate(BAUD)
    handler = sdk.PacketHandler(0 if protocol == "feetech" else 2.0)
    read = sdk.GroupSyncRead(port, handler, ADDRESS[protocol], SIZE[protocol])
    write = sdk.GroupSyncWrite(port, handler, *GOALS[protocol])
    for servo in IDS:
        read.addParam(servo)
        write.addParam(servo, [0] * GOALS[protocol][1])

    def cycle(goal: int) -> Mapping[int, int]:
        done = read.txRxPacket() == sdk.COMM_SUCCESS
        content = list(goal.to_bytes(GOALS[protocol][1], "little"))
        for servo in IDS:
            write.changeParam(servo, content)
        write.txPacket()
        size = SIZE[protocol]
        return {servo: read.getData(servo, ADDRESS[protocol], size) for servo in IDS} if done else {}

    yield cycle
    port.closePort()


@contextmanager
def rusty(path: str, protocol: str) -> Iterator[Cycle]:
    """rustypot: a driver in Rust, called from Python."""
    kind = rustypot.Sts3215PyController if protocol == "feetech" else rustypot.Xl330PyController
    client = kind(path, BAUD, 0.03)
    ids = list(IDS)

    def cycle(goal: int) -> Mapping[int, int]:
        try:
            positions = client.sync_read_raw_present_position(ids)
        except RuntimeError:
            positions = None
        with suppress(RuntimeError):  # it finds a late reply in its way
            client.sync_write_raw_goal_position(ids, [goal] * len(ids))
        return {} if positions is None else dict(zip(ids, positions, strict=True))

    yield cycle
    del client


CLIENTS = {"ours": ours, "vendor": vendor, "rustypot": rusty}


def ceiling(cycle: Cycle, cycles: int, result: Result) -> None:
    """Back to back."""
    for goal in range(cycles):
        start_s, busy_s = time.perf_counter(), time.process_time()
        positions = cycle(goal % TURN)
        result.cycle_s.append(time.perf_counter() - start_s)
        result.busy_s += time.process_time() - busy_s
        result.short += len(positions) < len(IDS)
        result.stale += any(value != (goal + 1) % TURN for value in positions.values())


def loop(cycle: Cycle, seconds: float, rate_hz: float, result: Result) -> None:
    """On ticks of the clock."""
    start_s = time.perf_counter()
    for tick in range(1, int(seconds * rate_hz) + 1):
        tick_s = start_s + tick / rate_hz
        time.sleep(max(0.0, tick_s - time.perf_counter()))
        cycle(tick % TURN)
        result.stray_s.append(time.perf_counter() - tick_s)


def stale(path: str, protocol: str, client: str, cycles: int) -> dict[str, int]:
    """How many values were of this read, and how many of an earlier one."""
    wrong = right = 0
    with CLIENTS[client](path, protocol) as cycle:
        for count in range(1, cycles + 1):
            values = cycle(0).values()
            fresh = sum(value == count % TURN for value in values)
            wrong, right = wrong + len(values) - fresh, right + fresh
    return {"cycles": cycles, "values": wrong + right, "stale": wrong, "missing": cycles * len(IDS) - wrong - right}


def speed(protocol: str, arguments: Arguments) -> dict[str, Any]:
    """Ceiling and loop of every client, in turns."""
    results = {name: Result() for name in CLIENTS}
    for _ in range(arguments.rounds):
        for name, client in CLIENTS.items():
            with peer(protocol) as path, client(path, protocol) as cycle:
                ceiling(cycle, arguments.cycles // arguments.rounds, results[name])
                loop(cycle, arguments.loop_s / arguments.rounds, arguments.rate_hz, results[name])
    return {name: summary(result) for name, result in results.items()}


def summary(result: Result) -> dict[str, float]:
    """Figures of one client; milliseconds."""
    usual_s = statistics.median(result.stray_s)
    stray_ms = sorted(abs(each - usual_s) * 1e3 for each in result.stray_s)
    median_s = statistics.median(result.cycle_s)
    return {
        "hz": round(len(result.cycle_s) / sum(result.cycle_s), 1),
        "hz_of_median_cycle": round(1 / median_s, 1),
        "processor_ms": round(result.busy_s / len(result.cycle_s) * 1e3, 4),
        "loop_usual_ms": round(usual_s * 1e3, 3),
        "loop_jitter_p50_ms": round(statistics.median(stray_ms), 3),
        "loop_jitter_p99_ms": round(stray_ms[int(0.99 * len(stray_ms))], 3),
        "loop_jitter_max_ms": round(stray_ms[-1], 3),
        "incomplete_cycles": result.short,
        "stale_cycles": result.stale,
    }


def truth(protocol: str, arguments: Arguments) -> dict[str, dict[str, int]]:
    """Stale values of every client."""
    found: dict[str, dict[str, int]] = {}
    for name in CLIENTS:
        with peer(protocol, arguments.late) as path:
            found[name] = stale(path, protocol, name, arguments.stale_cycles)
    return found


def main() -> None:
    """Measure and print."""
    arguments = tyro.cli(Arguments)
    report: dict[str, Any] = {
        "servos": len(IDS),
        "baud": BAUD,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "late_share": arguments.late,
    }
    for protocol in GOALS:
        report[protocol] = {"speed": speed(protocol, arguments), "stale": truth(protocol, arguments)}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
