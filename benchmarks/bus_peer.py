"""Servos of bytes behind a pseudo-terminal paced like a wire; the other end of `benchmarks.bus`, in its own process.

    python -m benchmarks.bus_peer feetech --late 0.01

Prints the terminal's path, then answers until its input ends. Requests and replies take 10 bits a byte; the line
carries one thing at a time. A servo's position is the number of sync reads so far, so that a stale value shows as a
wrong number. Late replies come by themselves, up to 0.2 s after their time.
"""

import heapq
import os
import select
import sys
import time
import tty
from dataclasses import dataclass
from random import Random

import tyro

from hardware.dynamixel.crc import crc16
from tests.hardware.scripted import Servos

IDS = (1, 2, 3, 4, 5, 6)
ADDRESS = {"feetech": 56, "dynamixel": 132}
SYNC_READS = (0x82, 0x8A)
LATE_S = (0.04, 0.2)
SPIN_S = 0.0003  # so near to the time, sleeping would oversleep


@dataclass(frozen=True)
class Arguments:
    """Serve six servos."""

    protocol: tyro.conf.Positional[str]
    late: float = 0.0
    seed: int = 0
    baud: int = 1_000_000


class Peer:
    """Servos, a wire and a terminal."""

    def __init__(self, arguments: Arguments) -> None:
        self.servos = Servos(arguments.protocol, IDS, crc=crc16)
        self.fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        self.path = os.ttyname(self._host_fd)
        self._late = arguments.late
        self._random = Random(arguments.seed)
        self._byte_s = 10 / arguments.baud
        self._free_s = 0.0  # when the wire is
        self._due: list[tuple[float, int, bytes]] = []
        self._sync_reads = self._order = 0

    def serve(self) -> None:
        """Answer until standard input ends."""
        while not select.select([sys.stdin], [], [], 0)[0]:
            self._turn(time.monotonic() + 0.2)

    def _turn(self, until_s: float) -> None:
        while (now_s := time.monotonic()) < until_s:
            wait_s = min(self._due[0][0] - SPIN_S if self._due else until_s, until_s) - now_s
            if select.select([self.fd], [], [], max(0.0, wait_s))[0]:
                self._hear(os.read(self.fd, 4096), now_s)
            while self._due and self._due[0][0] <= time.monotonic():
                os.write(self.fd, heapq.heappop(self._due)[2])

    def _hear(self, data: bytes, now_s: float) -> None:
        self._free_s = max(self._free_s, now_s) + len(data) * self._byte_s
        for servo, code, body in self.servos.packets(data):
            if code in SYNC_READS:
                self._sync_reads += 1
                self._move()
            for reply in self.servos.answer(servo, code, body):
                self._send(reply)

    def _send(self, reply: bytes) -> None:
        self._free_s += len(reply) * self._byte_s
        late_s = self._random.uniform(*LATE_S) if self._random.random() < self._late else 0.0
        self._order += 1
        heapq.heappush(self._due, (self._free_s + late_s, self._order, reply))

    def _move(self) -> None:
        for servo in IDS:
            self.servos.put(servo, ADDRESS[self.servos.protocol], self._sync_reads % 4096, 2)


def main() -> None:
    """Serve until standard input ends."""
    peer = Peer(tyro.cli(Arguments))
    print(peer.path, flush=True)
    peer.serve()


if __name__ == "__main__":
    main()
