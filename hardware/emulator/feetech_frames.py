"""Feetech STS packets on the servo's side: extracts requests from a stream, builds replies.

Written apart from the driver's packet code, so that a common error shows. Source: Feetech "Smart Bus Servo
Communication Protocol Manual". FF FF | id | length | instruction | parameters | check.
"""

from hardware.emulator.frames import Request

_HEADER = b"\xff\xff"


def cut(buffer: bytearray) -> list[Request]:
    """Remove all complete requests from `buffer` and return them; noise and packets with a wrong check are dropped."""
    requests = []
    while True:
        start = buffer.find(_HEADER)
        if start < 0:
            del buffer[: max(0, len(buffer) - 1) if buffer.endswith(b"\xff") else len(buffer)]
            return requests
        del buffer[:start]
        if len(buffer) < 4:
            return requests
        end = 4 + buffer[3]
        if buffer[2] == 0xFF or buffer[3] < 2:
            del buffer[:1]
        elif len(buffer) < end:
            return requests
        elif buffer[end - 1] != check(buffer[2 : end - 1]):
            del buffer[:2]
        else:
            requests.append(Request(buffer[2], buffer[4], bytes(buffer[5 : end - 1])))
            del buffer[:end]


def check(body: bytes | bytearray) -> int:
    """Return the check byte of everything from the id to the last parameter."""
    return ~sum(body) & 0xFF


def status(servo: int, error: int, params: bytes = b"") -> bytes:
    """Return a reply."""

    body = bytes([servo, len(params) + 2, error]) + params
    return _HEADER + body + bytes([check(body)])
