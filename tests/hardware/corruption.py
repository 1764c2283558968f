"""Servos behind a line that spoils replies in every way a line can, in its own time, and a loop that uses them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from hardware.bus.errors import BusError
from hardware.bus.register_bus import RegisterBus
from hardware.dynamixel.driver import dynamixel_bus
from hardware.feetech.driver import feetech_bus
from tests.hardware.late_replies import ADDRESS, BLOCK, IDS
from tests.hardware.scripted import Delayed, ScriptedPort, Servos, dxl_crc


@dataclass
class Corruption:
    """Spoils `share` of the replies, one way each. A bit is flipped, not two: Feetech's sum cannot see every two."""

    seed: int
    share: float
    spoilt: int = 0
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def __call__(self, request: bytes, replies: list[bytes]) -> list[Delayed]:
        return [each for reply in replies for each in self._one(request, reply)]

    def _one(self, request: bytes, reply: bytes) -> list[Delayed]:
        if self.random.random() >= self.share:
            return [(0.0, reply)]
        self.spoilt += 1
        spoil = self.random.choice(
            [self._drop, self._late, self._cut, self._flip, self._noise, self._twice, self._echo]
        )
        return spoil(request, reply)

    def _drop(self, request: bytes, reply: bytes) -> list[Delayed]:
        return []

    def _late(self, request: bytes, reply: bytes) -> list[Delayed]:
        return [(self.random.uniform(0.01, 0.2), reply)]

    def _cut(self, request: bytes, reply: bytes) -> list[Delayed]:
        return [(0.0, reply[: self.random.randrange(len(reply))])]

    def _flip(self, request: bytes, reply: bytes) -> list[Delayed]:
        spoilt = bytearray(reply)
        spoilt[self.random.randrange(len(reply))] ^= 1 << self.random.randrange(8)
        return [(0.0, bytes(spoilt))]

    def _noise(self, request: bytes, reply: bytes) -> list[Delayed]:
        return [(0.0, self.random.randbytes(self.random.randrange(1, 20)) + reply)]

    def _twice(self, request: bytes, reply: bytes) -> list[Delayed]:
        return [(0.0, reply), (0.0, reply)]

    def _echo(self, request: bytes, reply: bytes) -> list[Delayed]:
        return [(0.0, request), (0.0, reply)]


class ForgetfulPort(ScriptedPort):
    """Does not keep what was sent, so that a long run needs no memory of its own."""

    def write(self, data: bytes) -> None:
        super().write(data)
        self.sent.clear()


def rig(protocol: str, corruption: Corruption, crc: Callable[[bytes], int] = dxl_crc) -> tuple[RegisterBus, Servos]:
    """A bus whose servos are at the number of the request, behind a line that spoils some replies."""

    def move(servos: Servos) -> None:
        for servo in IDS:
            servos.put(servo, ADDRESS[protocol], servos.requests % 4096, 2)

    servos = Servos(protocol, IDS, before=move, crc=crc)
    port = ForgetfulPort(lambda request: corruption(request, servos.answers(request)))
    return (feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)), servos


def drive(bus: RegisterBus, servos: Servos, cycles: int, singles_every: int = 1) -> int:
    """Use everything that a bus can do, single servos in some cycles only; how many values were wrong."""
    wrong = 0
    for cycle in range(cycles):
        servo = IDS[cycle % len(IDS)]
        bus.sync_write("goal_position", dict.fromkeys(IDS, cycle % 4096))
        blocks = bus.sync_read_block(*BLOCK[bus.protocol], IDS)
        wrong += sum(block["present_position"] != servos.requests % 4096 for block in blocks.values())
        if cycle % singles_every:
            continue
        read = bus.sync_read("present_position", IDS)
        wrong += sum(value != servos.requests % 4096 for value in read.values())
        try:
            wrong += bus.read(servo, "goal_position") != cycle % 4096
            bus.write(servo, "torque_enable", cycle % 2)
            bus.ping(servo)
        except BusError:
            continue
    return wrong
