"""Whatever a line does to the bytes: only declared errors, no wrong value, all counted, and well again at once."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.soak import soak
from hardware.bus.errors import BusError
from hardware.bus.frames import ScanResult
from hardware.bus.register_bus import RegisterBus
from hardware.dynamixel import packets as dynamixel_packets
from hardware.dynamixel.crc import crc16
from hardware.dynamixel.driver import dynamixel_bus
from hardware.feetech import packets as feetech_packets
from hardware.feetech.driver import feetech_bus
from tests.hardware.corruption import Corruption, drive, rig
from tests.hardware.late_replies import BLOCK, IDS
from tests.hardware.scripted import ScriptedPort, Servos

both = pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
LONGEST = 40  # bytes of data in a reply
SCANS: dict[str, Callable[[bytes, int, bool], ScanResult]] = {
    "feetech": feetech_packets.scan,
    "dynamixel": dynamixel_packets.scan,
}


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
    assert bus.counters.consistent()
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
    assert bus.counters.consistent()


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
    assert bus.counters.consistent()


def streams(protocol: str, seed: int, size: int) -> bytes:
    """Good frames, spoilt frames and noise, `size` bytes of them."""
    rng = Random(seed)
    corruption = Corruption(seed, share=0.5)
    servos = Servos(protocol, IDS, crc=crc16)
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
        found = SCANS[protocol](buffer, LONGEST, False)
        buffer = buffer[found.consumed :]
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


def good_frame(protocol: str, rng: Random) -> bytes:
    """A reply of the longest length that is waited for."""
    servos = Servos(protocol, IDS, crc=crc16)
    servos.memory[3][50:90] = rng.randbytes(LONGEST)
    packets = feetech_packets if protocol == "feetech" else dynamixel_packets
    return servos.answers(packets.read(3, 50, LONGEST))[0]


def resynchronises(protocol: str, junk: bytes, good: bytes) -> bool:
    """Whether, of two good packets after any bytes, the second is found: one at most is lost to them."""
    return SCANS[protocol](junk + good + good, LONGEST, True).frames[-1].raw == good


@both
@settings(max_examples=200)
@given(junk=st.binary(max_size=120), seed=st.integers(0, 99))
def test_after_any_bytes_the_second_good_packet_is_found(protocol: str, junk: bytes, seed: int) -> None:
    assert resynchronises(protocol, junk, good_frame(protocol, Random(seed)))


@pytest.mark.slow
@both
def test_parsers_resynchronise_within_ten_million_bytes(protocol: str) -> None:
    rng = Random(5)
    stream = streams(protocol, 6, 2_500_000) + rng.randbytes(2_500_000)
    at = 0
    while at < len(stream):
        junk = stream[at : at + rng.randrange(1, 400)]
        at += len(junk)
        assert resynchronises(protocol, junk, good_frame(protocol, rng)), junk.hex()


@both
def test_a_soak_loses_nothing_and_raises_nothing(protocol: str) -> None:
    found = soak(protocol, cycles=300, share=0.1)
    assert found.spoilt > 0 and found.wrong == 0
    assert found.escaped == {} and found.adds_up


@pytest.mark.slow
@both
def test_memory_stays_flat(protocol: str) -> None:
    assert soak(protocol, cycles=20_000, share=0.01).holds
