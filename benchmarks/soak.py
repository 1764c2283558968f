"""A million cycles on a bus that spoils replies: what escapes, what is wrong, is memory flat, do the counters add up.

    python -m benchmarks.soak [--cycles 1000000] [--share 0.01]

Both protocols, each in a process of its own, in virtual time: the servos are bytes in memory (`tests.hardware`) that
answer by the manuals, and a share of their replies is dropped, late, cut, flipped, preceded by noise, doubled or
echoed. A cycle is a sync write and a sync read of six servos; every tenth also reads, writes and pings a single one.
Prints one JSON object; exits with 1 where the bar does not hold.
"""

import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from time import process_time

import tyro

from hardware.dynamixel.crc import crc16
from tests.hardware.corruption import Corruption, drive, rig

PROTOCOLS = ("feetech", "dynamixel")
SINGLES_EVERY = 10  # cycles
FLAT = 1.05  # memory at the end over memory after a tenth
_PARTS = 100


@dataclass(frozen=True)
class Arguments:
    """Soak both protocols."""

    cycles: int = 1_000_000  # of each protocol
    share: float = 0.01  # of the replies that are spoilt
    seed: int = 0


@dataclass(frozen=True)
class Found:
    """What a soak showed."""

    protocol: str
    cycles: int
    spoilt: int  # replies
    wrong: int  # values that were not this request's
    escaped: dict[str, int]  # exceptions that a bus does not declare
    adds_up: bool  # the two laws of `hardware.bus.counters.Counters`
    rss_start_mb: float
    rss_tenth_mb: float
    rss_end_mb: float
    processor_s: float
    counters: dict[str, int]

    @property
    def holds(self) -> bool:
        """The bar: nothing escapes, memory is flat, the counters add up.

        Wrong values are counted beside it: Feetech's checksum of eight bits lets one garbled packet in 256 through, of
        which most are then caught by what they say.
        """
        flat = self.rss_end_mb <= FLAT * self.rss_tenth_mb
        return flat and self.adds_up and not self.escaped


def soak(protocol: str, cycles: int, share: float, seed: int = 0) -> Found:
    """Drive one bus for `cycles` cycles."""
    corruption = Corruption(seed, share)
    bus, servos = rig(protocol, corruption, crc16)
    escaped: Counter[str] = Counter()
    wrong, began_s, rss_mb = 0, process_time(), [_rss_mb()]
    for _ in range(_PARTS):
        try:
            wrong += drive(bus, servos, cycles // _PARTS, SINGLES_EVERY)
        except Exception as error:
            escaped[repr(error)] += 1
        rss_mb.append(_rss_mb())
    return Found(
        protocol,
        cycles // _PARTS * _PARTS,
        corruption.spoilt,
        wrong,
        dict(escaped),
        bus.counters.consistent(),
        rss_mb[0],
        rss_mb[_PARTS // 10],
        rss_mb[-1],
        process_time() - began_s,
        bus.counters.as_dict(),
    )


def _rss_mb() -> float:
    """What this process has in memory now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> int:
    """Soak both, print what was found."""
    arguments = tyro.cli(Arguments)
    with ProcessPoolExecutor(len(PROTOCOLS), mp_context=get_context("spawn")) as pool:
        runs = [
            pool.submit(soak, protocol, arguments.cycles, arguments.share, arguments.seed) for protocol in PROTOCOLS
        ]
        found = [run.result() for run in runs]
    print(json.dumps([{**asdict(each), "holds": each.holds} for each in found], indent=2))
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
