"""Feetech packets: builds requests, finds and checks replies. Pure functions; knows no port and no table.

Source: Feetech "Smart Bus Servo Communication Protocol Manual". A request is
`FF FF | id | length | instruction | parameters | checksum`; a reply has an error byte in place of the instruction.
Length counts the bytes that follow it; the checksum is the inverted sum of everything after the header. There is no
byte stuffing and no sequence number: a reply identifies its request only by servo id and length.
"""

from collections.abc import Mapping, Sequence

from hardware.bus import Frame, ScanResult

HEADER = b"\xff\xff"
BROADCAST = 0xFE
STATUS_BYTES = 6  # length of a reply without data
MAX_DATA = 240  # the vendor's SDK accepts packets of up to 250 bytes

PING, READ, WRITE, REG_WRITE, ACTION, SYNC_READ, SYNC_WRITE = 0x01, 0x02, 0x03, 0x04, 0x05, 0x82, 0x83


def checksum(body: bytes) -> int:
    """Return the check byte of everything between header and check byte."""
    return ~sum(body) & 0xFF


def packet(servo: int, code: int, parameters: bytes = b"") -> bytes:
    """Return a request, or a reply if `code` is the error byte."""
    body = bytes((servo, len(parameters) + 2, code)) + parameters
    return HEADER + body + bytes((checksum(body),))


def ping(servo: int) -> bytes:
    """Return a ping."""
    return packet(servo, PING)


def read(servo: int, address: int, length: int) -> bytes:
    """Return a read of `length` bytes from `address`."""
    return packet(servo, READ, bytes((address, length)))


def write(servo: int, address: int, data: bytes) -> bytes:
    """Return a write of `data` to `address`."""
    return packet(servo, WRITE, bytes((address,)) + data)


def reg_write(servo: int, address: int, data: bytes) -> bytes:
    """Return a registered write of `data` to `address`, executed by `action`."""
    return packet(servo, REG_WRITE, bytes((address,)) + data)


def action() -> bytes:
    """Return the broadcast that executes registered writes."""
    return packet(BROADCAST, ACTION)


def sync_read(address: int, length: int, servos: Sequence[int]) -> bytes:
    """Return a read of `length` bytes from `address` of each of `servos`; they answer in this order."""
    return packet(BROADCAST, SYNC_READ, bytes((address, length, *servos)))


def sync_write(address: int, data: Mapping[int, bytes]) -> bytes:
    """Return a write of each servo's bytes, equally many for all, to `address`."""
    length = len(next(iter(data.values())))
    blocks = b"".join(bytes((servo,)) + part for servo, part in data.items())
    return packet(BROADCAST, SYNC_WRITE, bytes((address, length)) + blocks)


def scan(buffer: bytes, longest: int, final: bool = False) -> ScanResult:
    """Find the valid frames at the front of `buffer`.

    Args:
        buffer: received bytes.
        longest: largest number of data bytes in a frame.
        final: no more bytes will come; otherwise an unfinished frame at the end is left for the next call.
    """
    frames: list[Frame] = []
    at = noise = bad = 0
    while True:
        start = buffer.find(HEADER, at)
        if start < 0:
            start = len(buffer) - (not final and buffer.endswith(b"\xff", at))
            return ScanResult(tuple(frames), start, noise + start - at, bad)
        noise += start - at
        end = _end(buffer, start, longest)
        if end > len(buffer) and not final:
            return ScanResult(tuple(frames), start, noise, bad)
        frame = _frame(buffer, start, end)
        bad += frame is None and start < end <= len(buffer)
        noise += frame is None
        at = start + 1 if frame is None else end
        if frame is not None:
            frames.append(frame)


def _end(buffer: bytes, start: int, longest: int) -> int:
    """Return the end of the frame at `start`, or `start` if no frame can start there."""
    head = buffer[start + 2 : start + 4]
    if head and head[0] >= BROADCAST:  # a third FF, or a broadcast request
        return start
    if len(head) < 2:
        return start + STATUS_BYTES
    return start + 4 + head[1] if 2 <= head[1] <= longest + 2 else start


def _frame(buffer: bytes, start: int, end: int) -> Frame | None:
    raw = bytes(buffer[start:end])
    if end > len(buffer) or len(raw) < STATUS_BYTES or checksum(raw[2:-1]) != raw[-1]:
        return None
    return Frame(raw[2], raw[4], raw[5:-1], raw)
