"""Feetech's packets: the protocol manual's examples, round trips, and whatever else may be on a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.feetech import packets

MOVE = bytes.fromhex("00 08 00 00 E8 03")  # to 2048 at 1000 steps/s
MANUAL = [
    (packets.ping(1), 0xFB),
    (packets.read(1, 56, 2), 0xBE),
    (packets.write(packets.BROADCAST, 5, b"\x01"), 0xF4),
    (packets.write(1, 42, MOVE), 0xD5),
    (packets.reg_write(1, 42, MOVE), 0xD4),
    (packets.reg_write(10, 42, MOVE), 0xCB),
    (packets.action(), 0xFA),
    (packets.sync_write(42, dict.fromkeys((1, 2, 3, 4), MOVE)), 0x58),
    (packets.sync_read(56, 8, (1, 2)), 0x36),
    (packets.write(packets.BROADCAST, 55, b"\x00"), 0xC3),
    (packets.write(1, 5, b"\x02"), 0xF0),
]


@pytest.mark.parametrize(("packet", "check"), MANUAL)
def test_check_bytes_are_those_of_the_manual(packet: bytes, check: int) -> None:
    assert packet[-1] == check
    assert packet[3] == len(packet) - 4


def test_a_packet_of_the_manual_byte_by_byte() -> None:
    assert packets.read(1, 56, 2) == bytes.fromhex("FF FF 01 04 02 38 02 BE")
    assert packets.ping(1) == bytes.fromhex("FF FF 01 02 01 FB")


def test_replies_of_the_manual_are_read() -> None:
    found = packets.scan(bytes.fromhex("FF FF 01 02 00 FC FF FF 01 04 00 18 05 DD"), 2)
    assert [(frame.servo, frame.error, frame.data) for frame in found.frames] == [(1, 0, b""), (1, 0, b"\x18\x05")]
    assert found.noise == 0


status = st.tuples(st.integers(0, 253), st.integers(0, 255), st.binary(max_size=40))


@given(st.lists(status, max_size=8), st.binary(max_size=3))
def test_what_is_packed_is_found(replies: list[tuple[int, int, bytes]], head: bytes) -> None:
    stream = b"".join(packets.packet(*reply) for reply in replies)
    found = packets.scan(stream + head[:1], 40)
    assert [(frame.servo, frame.error, frame.data) for frame in found.frames] == replies
    assert b"".join(frame.raw for frame in found.frames) == stream


@given(st.binary(max_size=300), st.integers(0, 60), st.booleans())
def test_every_byte_is_accounted_for(noise: bytes, longest: int, final: bool) -> None:
    found = packets.scan(noise, longest, final)
    assert found.consumed == found.noise + sum(len(frame.raw) for frame in found.frames)
    assert found.consumed == len(noise) if final else found.consumed <= len(noise)


@given(st.binary(max_size=200), status)
def test_a_good_frame_after_noise_is_found(noise: bytes, reply: tuple[int, int, bytes]) -> None:
    # Noise may happen to be the start of a longer frame with a good sum, which hides the next one; two do not fit in.
    good = packets.packet(*reply)
    found = packets.scan(noise + good * 2, 40, final=True)
    assert good in [frame.raw for frame in found.frames]


@given(st.binary(max_size=60), status, st.integers(0, 100))
def test_bytes_may_come_in_any_portions(noise: bytes, reply: tuple[int, int, bytes], cut: int) -> None:
    stream = noise + packets.packet(*reply)
    first = packets.scan(stream[:cut], 40)
    second = packets.scan(stream[:cut][first.consumed :] + stream[cut:], 40)
    assert first.frames + second.frames == packets.scan(stream, 40).frames


@given(status, st.data())
def test_a_flipped_bit_is_seen(reply: tuple[int, int, bytes], data: st.DataObject) -> None:
    good = bytearray(packets.packet(*reply))
    good[data.draw(st.integers(2, len(good) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    frames = packets.scan(bytes(good), 40, final=True).frames
    assert bytes(good) not in [frame.raw for frame in frames]
