"""Whatever a line does to the bytes: only declared errors, no wrong value, all counted, and well again at once."""

import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.dynamixel import packets as dynamixel_packets
from hardware.dynamixel.driver import dynamixel_bus
from hardware.errors import BusError
from hardware.feetech import packets as feetech_packets
from hardware.feetech.driver import feetech_bus
from hardware.frames import Found
from hardware.register_bus import RegisterBus
from tests.hardware.scripted import Delayed, ScriptedPort, Servos
from tests.hardware.stale import ADDRESS, BLOCK, IDS

both = pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
SCANS: dict[str, Callable[[bytes, int, bool], Found]] = {
    "feetech": feetech_packets.scan,
    "dynamixel": dynamixel_packets.scan,
}


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


def rig(protocol: str, corruption: Corruption) -> tuple[RegisterBus, Servos]:
    """A bus whose servos are at the number of the request, behind a line that spoils some replies."""

    def move(servos: Servos) -> None:
        for servo in IDS:
            servos.put(servo, ADDRESS[protocol], servos.requests % 4096, 2)

    servos = Servos(protocol, IDS, before=move)
    port = ScriptedPort(lambda request: corruption(request, servos.answers(request)))
    return (feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)), servos


def drive(bus: RegisterBus, servos: Servos, cycles: int) -> int:
    """Use everything that a bus can do; how many values were wrong."""
    wrong = 0
    for cycle in range(cycles):
        servo = IDS[cycle % len(IDS)]
        bus.sync_write("goal_position", dict.fromkeys(IDS, cycle % 4096))
        read = bus.sync_read("present_position", IDS)
        wrong += sum(value != servos.requests % 4096 for value in read.values())
        blocks = bus.sync_read_block(*BLOCK[bus.protocol], IDS)
        wrong += sum(block["present_position"] != servos.requests % 4096 for block in blocks.values())
        try:
            wrong += bus.read(servo, "goal_position") != cycle % 4096
            bus.write(servo, "torque_enable", cycle % 2)
            bus.ping(servo)
        except BusError:
            continue
    return wrong


def mends(bus: RegisterBus, servos: Servos) -> bool:
    """Whether a few cycles later, on a line without faults, everything is read at once."""
    drive(bus, servos, 20)  # what was owed comes, or grows too old to come
    missing, doubted = bus.counters.missing, bus.counters.doubted
    wrong = drive(bus, servos, 10)
    return wrong == 0 and (bus.counters.missing, bus.counters.doubted) == (missing, doubted)


@both
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_a_spoilt_line_gives_no_wrong_value(protocol: str, share: float) -> None:
    corruption = Corruption(seed=5, share=share)
    bus, servos = rig(protocol, corruption)
    assert drive(bus, servos, 60) == 0
    assert corruption.spoilt > 0
    assert bus.counters.add_up()
    corruption.share = 0.0
    bus._port._now_s += 0.5  # type: ignore[attr-defined]  # what is owed grows too old to come
    assert mends(bus, servos)


@both
@settings(max_examples=40)
@given(replies=st.lists(st.binary(max_size=40), max_size=12))
def test_any_bytes_raise_only_what_is_declared(protocol: str, replies: list[bytes]) -> None:
    rest = iter(replies)
    port = ScriptedPort(lambda request: [(0.0, next(rest, b"\xff\xff"))])
    bus = feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)
    for call in (
        lambda: bus.ping(1),
        lambda: bus.read(2, "present_position"),
        lambda: bus.write(3, "goal_position", 7),
        lambda: bus.sync_read_block(*BLOCK[protocol], IDS),
    ):
        with suppress(BusError):
            call()
    assert bus.counters.add_up()


@both
def test_a_line_that_never_falls_silent_has_an_end(protocol: str) -> None:
    class Babbling(ScriptedPort):
        def read_until(self, deadline_s: float) -> bytes:
            self._now_s += 1e-5
            return b"\x55"

    port = Babbling(lambda request: [])
    bus = feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)
    assert bus.sync_read("present_position", IDS) == {}
    assert port.now_s() < 0.1
    assert bus.counters.add_up()


def streams(protocol: str, seed: int, size: int) -> bytes:
    """Good frames, spoilt frames and noise, `size` bytes of them."""
    rng = Random(seed)
    corruption = Corruption(seed, share=0.5)
    servos = Servos(protocol, IDS)
    parts: list[bytes] = []
    length = 0
    while length < size:
        request = (feetech_packets if protocol == "feetech" else dynamixel_packets).read(
            rng.choice(IDS), 50, rng.randrange(1, 30)
        )
        for servo in IDS:
            servos.memory[servo][50:80] = bytes(rng.choices(b"\xff\xfd\x00\x01", k=30))
        replies = [reply for _, reply in corruption(request, servos.answers(request))]
        parts += replies
        length += sum(map(len, replies))
    return b"".join(parts)


def swallow(protocol: str, stream: bytes) -> int:
    """Feed a parser in portions; how many frames it found. Every byte is accounted for, none is kept for long."""
    rng = Random(0)
    buffer, frames, at, accounted = b"", 0, 0, 0
    while at < len(stream):
        step = rng.randrange(1, 400)
        buffer += stream[at : at + step]
        at += step
        found = SCANS[protocol](buffer, 40, False)
        buffer = buffer[found.taken :]
        accounted += found.noise + sum(len(frame.raw) for frame in found.frames)
        frames += len(found.frames)
        assert len(buffer) < 80
    assert accounted + len(buffer) == len(stream)
    return frames


@both
def test_parsers_swallow_anything(protocol: str) -> None:
    assert swallow(protocol, streams(protocol, 1, 100_000)) > 1000
    swallow(protocol, Random(2).randbytes(100_000))


@pytest.mark.slow
@both
def test_parsers_swallow_ten_million_bytes(protocol: str) -> None:
    assert swallow(protocol, streams(protocol, 3, 5_000_000)) > 100_000
    swallow(protocol, Random(4).randbytes(5_000_000))


@pytest.mark.slow
@both
def test_memory_stays_flat(protocol: str) -> None:
    bus, servos = rig(protocol, Corruption(seed=9, share=0.01))
    drive(bus, servos, 2000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert drive(bus, servos, 20_000) == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before * 1.05
    assert bus.counters.add_up()
