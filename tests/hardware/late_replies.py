"""Servos whose position is the number of the request, with some replies late: a stale value shows as a wrong number."""

import random
from dataclasses import dataclass, field

from hardware.bus.base import ServoBus
from tests.hardware.scripted import Delayed, Servos

IDS = (1, 2, 3, 4, 5, 6)
ADDRESS = {"feetech": 56, "dynamixel": 132}
BLOCK = {"feetech": ("present_position", "present_load"), "dynamixel": ("present_current", "present_position")}
LATEST_S = 0.2


@dataclass
class LateServos:
    """`share` of the replies come late, up to `LATEST_S`, each on its own; so they overtake each other."""

    protocol: str
    seed: int
    share: float = 0.01
    late: int = 0
    servos: Servos = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.servos = Servos(self.protocol, IDS, before=self._move)

    def _move(self, servos: Servos) -> None:
        for servo in IDS:
            servos.put(servo, ADDRESS[self.protocol], servos.requests % 4096, 2)

    def answer(self, request: bytes) -> list[Delayed]:
        """The replies, some of them late."""
        return [(self._delay_s(), reply) for reply in self.servos.answers(request)]

    def _delay_s(self) -> float:
        late = self._random.random() < self.share
        self.late += late
        return self._random.uniform(0.015, LATEST_S) if late else 0.0


def wrong_and_right(bus: ServoBus, rig: LateServos, cycles: int) -> tuple[int, int]:
    """Read `cycles` times, now one register and now all: how many values were not this request's, how many were."""
    wrong = right = 0
    for cycle in range(cycles):
        if cycle % 10:
            values = bus.sync_read("present_position", IDS)
        else:
            blocks = bus.sync_read_block(*BLOCK[rig.protocol], IDS)
            values = {servo: block["present_position"] for servo, block in blocks.items()}
        agree = sum(value == rig.servos.requests % 4096 for value in values.values())
        wrong, right = wrong + len(values) - agree, right + agree
    return wrong, right
