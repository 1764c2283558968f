"""Dynamixel Protocol 2.0 packets on the servo's side: extracts requests from a stream, builds replies.

Source: ROBOTIS e-Manual, DYNAMIXEL Protocol 2.0. FF FF FD 00 | id | length | instruction | parameters | CRC-16.
"""

from collections.abc import Sequence

from hardware.dynamixel.crc import crc16
from hardware.emulator.frames import BROADCAST, Request

STATUS = 0x55
BAD_CRC = -1  # not a valid instruction
_HEADER = b"\xff\xff\xfd\x00"
_MARK, _STUFFED = b"\xff\xff\xfd", b"\xff\xff\xfd\xfd"
_LONGEST = 1024


def cut(buffer: bytearray) -> list[Request]:
    """Remove all complete requests from `buffer` and return them; noise is dropped.

    A packet with a wrong CRC becomes the instruction BAD_CRC, which its servo answers with an error.
    """
    requests = []
    while True:
        start = buffer.find(_HEADER)
        if start < 0:
            del buffer[: max(0, len(buffer) - 3)]
            return requests
        del buffer[:start]
        if len(buffer) < 7:
            return requests
        end = 7 + int.from_bytes(buffer[5:7], "little")
        if not 10 <= end <= _LONGEST:
            del buffer[:4]
        elif len(buffer) < end:
            return requests
        elif int.from_bytes(buffer[end - 2 : end], "little") != crc16(bytes(buffer[: end - 2])):
            requests.append(Request(buffer[4], BAD_CRC, b""))
            del buffer[:4]
        else:
            body = bytes(buffer[7 : end - 2]).replace(_STUFFED, _MARK)
            requests.append(Request(buffer[4], body[0], body[1:]))
            del buffer[:end]


def status(servo: int, error: int, params: bytes = b"") -> bytes:
    """Return a reply."""
    body = (bytes([STATUS, error]) + params).replace(_MARK, _STUFFED)
    packet = _HEADER + bytes([servo]) + (len(body) + 2).to_bytes(2, "little") + body
    return packet + crc16(packet).to_bytes(2, "little")


def fast_status(parts: Sequence[tuple[int, int, bytes]], total: int) -> list[bytes]:
    """Return the blocks of a fast read: one frame without stuffing, with a running CRC after each block.

    Args:
        parts: (error, id, data) of each servo that answers.
        total: bytes of all requested blocks; a missing servo leaves the frame short.
    """

    sent = _HEADER + bytes([BROADCAST]) + (total + 1).to_bytes(2, "little") + bytes([STATUS])
    blocks, before = [], 0
    for error, servo, data in parts:
        sent += bytes([error, servo]) + data
        sent += crc16(sent).to_bytes(2, "little")
        blocks.append(sent[before:])
        before = len(sent)
    return blocks
