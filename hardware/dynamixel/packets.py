"""Dynamixel Protocol 2.0 packets: builds requests, finds and checks replies. Pure; knows no port and no table.

Source: ROBOTIS e-Manual, DYNAMIXEL Protocol 2.0. A request is
`FF FF FD 00 | id | length (2) | instruction | parameters | CRC (2)`, little-endian; a reply has instruction 55 and an
error byte before the parameters. From the instruction on, every `FF FF FD` is followed by a stuffed `FD`, which length
and CRC include. Fast sync read is answered by one frame for all servos, without stuffing: see `split_fast`.
"""

from collections.abc import Mapping, Sequence

from hardware.bus import Frame, ScanResult
from hardware.dynamixel.crc import crc16

HEADER = b"\xff\xff\xfd\x00"
MARK, STUFFED = b"\xff\xff\xfd", b"\xff\xff\xfd\xfd"
BROADCAST = 0xFE
STATUS = 0x55
STATUS_BYTES = 11  # length of a reply without data
MAX_DATA = 1000  # the vendor's SDK accepts packets of up to 1 KiB
ALERT = 0x80

PING, READ, WRITE, REG_WRITE, ACTION, FACTORY_RESET, REBOOT, CLEAR = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x10
SYNC_READ, SYNC_WRITE, FAST_SYNC_READ, BULK_READ, BULK_WRITE = 0x82, 0x83, 0x8A, 0x92, 0x93

ERROR_WORDS = {
    1: "result fail",
    2: "unknown instruction",
    3: "CRC mismatch",
    4: "value out of range",
    5: "data length",
    6: "value over the limit",
    7: "no access: read-only, undefined, or EEPROM while the torque is on",
}


def packet(servo: int, code: int, parameters: bytes = b"") -> bytes:
    """Return a request, or a reply if `code` is STATUS and the parameters start with the error byte."""
    body = (bytes((code,)) + parameters).replace(MARK, STUFFED)
    frame = HEADER + bytes((servo,)) + _word(len(body) + 2) + body
    return frame + _word(crc16(frame))


def ping(servo: int) -> bytes:
    """Return a ping; BROADCAST pings all servos."""
    return packet(servo, PING)


def read(servo: int, address: int, length: int) -> bytes:
    """Return a read of `length` bytes from `address`."""
    return packet(servo, READ, _word(address) + _word(length))


def write(servo: int, address: int, data: bytes) -> bytes:
    """Return a write of `data` to `address`."""
    return packet(servo, WRITE, _word(address) + data)


def reg_write(servo: int, address: int, data: bytes) -> bytes:
    """Return a registered write of `data` to `address`, executed by `action`."""
    return packet(servo, REG_WRITE, _word(address) + data)


def action() -> bytes:
    """Return the broadcast that executes registered writes."""
    return packet(BROADCAST, ACTION)


def reboot(servo: int) -> bytes:
    """Return a reboot: RAM back to defaults, torque off. The only way to clear a hardware error."""
    return packet(servo, REBOOT)


def sync_read(address: int, length: int, servos: Sequence[int]) -> bytes:
    """Return a read of `length` bytes from `address` of each of `servos`; they answer in this order."""
    return packet(BROADCAST, SYNC_READ, _word(address) + _word(length) + bytes(servos))


def fast_sync_read(address: int, length: int, servos: Sequence[int]) -> bytes:
    """Return a `sync_read` that is answered in one frame."""
    return packet(BROADCAST, FAST_SYNC_READ, _word(address) + _word(length) + bytes(servos))


def sync_write(address: int, data: Mapping[int, bytes]) -> bytes:
    """Return a write of each servo's bytes, equally many for all, to `address`."""
    length = len(next(iter(data.values())))
    blocks = b"".join(bytes((servo,)) + part for servo, part in data.items())
    return packet(BROADCAST, SYNC_WRITE, _word(address) + _word(length) + blocks)


def scan(buffer: bytes, longest: int, final: bool = False) -> ScanResult:
    """Find the valid status frames at the front of `buffer`.

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
            start = len(buffer) - (0 if final else _partial_header(buffer[at:]))
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


def split_fast(buffer: bytes, count: int, length: int) -> tuple[Frame, ...]:
    """Return each servo's part of a fast reply, up to the first missing or corrupt one.

    Each part is `error | id | data | CRC`; its CRC covers everything from the start of the frame.

    Args:
        buffer: received bytes.
        count: number of servos that were asked.
        length: bytes of data per servo.
    """
    step = length + 4
    head = HEADER + bytes((BROADCAST,)) + _word(1 + count * step) + bytes((STATUS,))
    start = buffer.find(head)
    parts: list[Frame] = []
    crc, at = crc16(head), start + len(head)
    while start >= 0 and at + step <= len(buffer) and len(parts) < count:
        raw = bytes(buffer[at : at + step])
        if crc16(raw[:-2], crc) != int.from_bytes(raw[-2:], "little"):
            break
        parts.append(Frame(raw[1], raw[0], raw[2:-2], raw if parts else head + raw))
        crc, at = crc16(raw, crc), at + step
    return tuple(parts)


def _word(value: int) -> bytes:
    return value.to_bytes(2, "little")


def _partial_header(tail: bytes) -> int:
    """Return how many bytes at the end may be the start of a header."""
    return next((n for n in (3, 2, 1) if tail.endswith(HEADER[:n])), 0)


def _end(buffer: bytes, start: int, longest: int) -> int:
    """Return the end of the frame at `start`, or `start` if no status frame can start there."""

    head = buffer[start + 4 : start + 8]
    if len(head) < 4:
        return start + STATUS_BYTES
    length = int.from_bytes(head[1:3], "little")
    at_most = longest + 4 + (longest + 1) // 3  # with stuffing
    fits = head[0] < BROADCAST - 1 and head[3] == STATUS and 4 <= length <= at_most
    return start + 7 + length if fits else start


def _frame(buffer: bytes, start: int, end: int) -> Frame | None:
    raw = bytes(buffer[start:end])
    if end > len(buffer) or len(raw) < STATUS_BYTES or crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return None
    body = raw[8:-2].replace(STUFFED, MARK)
    return Frame(raw[4], body[0], body[1:], raw)
