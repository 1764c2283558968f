"""Dynamixel's packets: the e-Manual's examples, stuffing, fast sync read, and whatever else may be on a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.dynamixel import packets
from hardware.dynamixel.crc import crc16
from tests.hardware.scripted import dxl_crc

POSITIONS = {1: (150).to_bytes(4, "little"), 2: (170).to_bytes(4, "little")}


def status_of(servo: int, data: bytes, error: int = 0) -> bytes:
    return packets.packet(servo, packets.STATUS, bytes((error,)) + data)


MANUAL = [
    (packets.ping(1), 0x4E19),
    (packets.ping(packets.BROADCAST), 0x4231),
    (status_of(1, bytes.fromhex("06 04 26")), 0x5D65),
    (status_of(2, bytes.fromhex("06 04 26")), 0x6D6F),
    (packets.read(1, 132, 4), 0x151D),
    (status_of(1, bytes.fromhex("A6 00 00 00")), 0xC08C),
    (packets.write(1, 116, bytes.fromhex("00 02 00 00")), 0x89CA),
    (status_of(1, b""), 0x0CA1),
    (packets.reg_write(1, 104, bytes.fromhex("C8 00 00 00")), 0x8EAE),
    (packets.packet(1, packets.ACTION), 0xCE02),
    (packets.packet(1, packets.FACTORY_RESET, b"\x01"), 0xE6A1),
    (packets.reboot(1), 0x4E2F),
    (packets.packet(1, packets.CLEAR, bytes.fromhex("01 44 58 4C 22")), 0xDCB1),
    (packets.sync_read(132, 4, (1, 2)), 0xFACE),
    (status_of(2, bytes.fromhex("1F 08 00 00")), 0xBEBA),
    (packets.sync_write(116, POSITIONS), 0x8782),
]


@pytest.mark.parametrize(("packet", "crc"), MANUAL)
def test_crcs_are_those_of_the_manual(packet: bytes, crc: int) -> None:
    assert int.from_bytes(packet[-2:], "little") == crc
    assert int.from_bytes(packet[5:7], "little") == len(packet) - 7


def test_a_packet_of_the_manual_byte_by_byte() -> None:
    assert packets.read(1, 132, 4) == bytes.fromhex("FF FF FD 00 01 07 00 02 84 00 04 00 1D 15")


@given(st.binary(max_size=300), st.integers(0, 300))
def test_crc_is_that_of_the_definition_and_runs_on(data: bytes, cut: int) -> None:
    assert crc16(data) == dxl_crc(data) == crc16(data[cut:], crc16(data[:cut]))


headers = st.lists(st.sampled_from([b"\xff", b"\xff\xff\xfd", b"\xfd", b"\x00", b"\x55\x01"]), max_size=12)
payload = st.one_of(st.binary(max_size=36), headers.map(b"".join))
status = st.tuples(st.integers(0, 252), payload, st.integers(0, 255))


@given(st.lists(status, max_size=6))
def test_what_is_packed_is_found(replies: list[tuple[int, bytes, int]]) -> None:
    stream = b"".join(status_of(*reply) for reply in replies)
    found = packets.scan(stream, 40)
    assert [(frame.servo, frame.data, frame.error) for frame in found.frames] == replies
    assert found.consumed == len(stream) and found.noise == 0


@given(payload)
def test_no_header_hides_in_a_packet(data: bytes) -> None:
    assert packets.HEADER not in status_of(1, data)[4:]


def test_a_current_of_minus_one_beside_a_velocity_is_stuffed() -> None:
    data = bytes.fromhex("FF FF FD FF FF FF")  # -1 as a word, then -3 as a double word
    reply = status_of(3, data)
    assert bytes.fromhex("FF FF FD FD") in reply
    assert packets.scan(reply, 6).frames[0].data == data


@given(st.binary(max_size=300), st.integers(0, 60), st.booleans())
def test_every_byte_is_accounted_for(noise: bytes, longest: int, final: bool) -> None:
    found = packets.scan(noise, longest, final)
    assert found.consumed == found.noise + sum(len(frame.raw) for frame in found.frames)
    assert found.consumed == len(noise) if final else found.consumed <= len(noise)


@given(st.one_of(st.binary(max_size=200), headers.map(b"".join)), status)
def test_a_good_frame_after_noise_is_found(noise: bytes, reply: tuple[int, bytes, int]) -> None:
    good = status_of(*reply)
    assert good in [frame.raw for frame in packets.scan(noise + good, 40, final=True).frames]


@given(st.one_of(st.binary(max_size=60), headers.map(b"".join)), status, st.integers(0, 100))
def test_bytes_may_come_in_any_portions(noise: bytes, reply: tuple[int, bytes, int], cut: int) -> None:
    stream = noise + status_of(*reply)
    first = packets.scan(stream[:cut], 40)
    second = packets.scan(stream[:cut][first.consumed :] + stream[cut:], 40)
    assert first.frames + second.frames == packets.scan(stream, 40).frames


@given(status, st.data())
def test_up_to_three_flipped_bits_are_seen(reply: tuple[int, bytes, int], data: st.DataObject) -> None:
    good = status_of(*reply)
    spoilt = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    frames = packets.scan(bytes(spoilt), 40, final=True).frames
    assert not frames or bytes(spoilt) == good  # two flips of one bit undo each other


def fast_reply(parts: list[tuple[int, int, bytes]], count: int) -> bytes:
    """The manual's frame: the CRC of each part covers all before it."""
    size = len(parts[0][2]) + 4
    frame = packets.HEADER + b"\xfe" + (1 + count * size).to_bytes(2, "little") + b"\x55"
    for servo, error, data in parts:
        frame += bytes((error, servo)) + data
        frame += dxl_crc(frame).to_bytes(2, "little")
    return frame


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4), st.binary(max_size=5))
def test_a_fast_reply_is_split(one: bytes, two: bytes, noise: bytes) -> None:
    reply = fast_reply([(1, 0, one), (2, 0x80, two)], 2)
    assert len(reply) == 8 + 2 * (4 + 4)

    parts = packets.split_fast(noise + reply, 2, 4)
    assert [(part.servo, part.error, part.data) for part in parts] == [(1, 0, one), (2, 0x80, two)]
    assert b"".join(part.raw for part in parts) == reply


def test_a_fast_reply_that_breaks_off_gives_what_came() -> None:
    reply = fast_reply([(1, 0, b"abcd"), (2, 0, b"efgh")], 3)
    assert [part.servo for part in packets.split_fast(reply, 3, 4)] == [1, 2]
    assert [part.servo for part in packets.split_fast(reply[:-1], 3, 4)] == [1]
    spoilt = reply[:12] + b"?" + reply[13:]
    assert packets.split_fast(spoilt, 3, 4) == ()


def test_a_fast_reply_of_another_length_is_none() -> None:
    assert packets.split_fast(fast_reply([(1, 0, b"abcd")], 1), 1, 5) == ()
