"""Dispatches requests to the Dynamixel servos on a bus and orders their replies."""

from collections.abc import Iterator, Sequence

from hardware.emulator.dynamixel_frames import fast_status
from hardware.emulator.dynamixel_servo import PING, DynamixelServo
from hardware.emulator.frames import BROADCAST, Reply, Request, collide

SYNC_READ, SYNC_WRITE, FAST_SYNC_READ = 0x82, 0x83, 0x8A
BULK_READ, BULK_WRITE, FAST_BULK_READ = 0x92, 0x93, 0x9A
_FAST_FIRMWARE = 46  # older firmware does not know the instruction
_NO_SECONDARY_ID = 253


def dispatch(request: Request, servos: Sequence[DynamixelServo]) -> list[Reply]:
    """Execute `request` on the servos that receive it and return their replies in order."""
    for servo in servos:
        servo.note_traffic()
    if request.instruction in (SYNC_WRITE, BULK_WRITE):
        for servo, address, data in _writes(request):
            for each in servos:
                if each.id == servo:
                    each.write(address, data)
        return []
    if request.instruction in (SYNC_READ, BULK_READ, FAST_SYNC_READ, FAST_BULK_READ):
        wanted = list(_reads(request))
        fast = request.instruction in (FAST_SYNC_READ, FAST_BULK_READ)
        return _fast_replies(wanted, servos) if fast else _replies(wanted, servos)
    return _single(request, servos)


def _single(request: Request, servos: Sequence[DynamixelServo]) -> list[Reply]:
    addressed = [servo for servo in servos if request.servo in (servo.id, BROADCAST)]
    addressed += [servo for servo in servos if _has_secondary_id(servo, request.servo)]
    replies = [reply for reply in (servo.answer(request) for servo in addressed) if reply is not None]
    if request.servo == BROADCAST and request.instruction == PING:
        ids = sorted({reply.servo for reply in replies})
        return [sent for each in ids for sent in collide(reply for reply in replies if reply.servo == each)]
    return collide(replies)


def _has_secondary_id(servo: DynamixelServo, addressed: int) -> bool:
    return servo.memory.get("secondary_id") == addressed < _NO_SECONDARY_ID and servo.id != addressed


def _replies(wanted: Sequence[tuple[int, int, int]], servos: Sequence[DynamixelServo]) -> list[Reply]:
    """Return a status packet of each servo; a missing servo leaves a gap (assumed)."""
    replies: list[Reply] = []
    for servo, address, length in wanted:
        addressed = [each for each in servos if each.id == servo and each.answers_reads()]
        replies += collide(each.reply(*each.read(address, length)) for each in addressed)
    return replies


def _fast_replies(wanted: Sequence[tuple[int, int, int]], servos: Sequence[DynamixelServo]) -> list[Reply]:
    """Return one shared frame, a block per servo; it ends before the first servo that is missing or too old."""
    parts, waits, known = [], [], {each.id: each for each in servos}
    for servo, address, length in wanted:
        each = known.get(servo)
        if each is None or not each.answers_reads() or each.memory.get("firmware") < _FAST_FIRMWARE:
            break
        error, data = each.read(address, length)
        parts.append((each.alert(error), servo, data.ljust(length, b"\0")))
        waits.append(each.wait_s if not waits else 0.0)  # the return delay counts once
    total = sum(length + 4 for _, _, length in wanted)
    blocks = fast_status(parts, total)
    return [Reply(part[1], block, wait) for part, block, wait in zip(parts, blocks, waits, strict=True)]


def _reads(request: Request) -> Iterator[tuple[int, int, int]]:
    """Yield (id, address, length) of everything that a sync or bulk read requests, each id once."""
    params, seen = request.params, set()
    if request.instruction in (SYNC_READ, FAST_SYNC_READ):
        address, length = int.from_bytes(params[:2], "little"), int.from_bytes(params[2:4], "little")
        wanted = [(servo, address, length) for servo in params[4:]]
    else:
        quints = [params[start : start + 5] for start in range(0, len(params) - 4, 5)]
        wanted = [(q[0], int.from_bytes(q[1:3], "little"), int.from_bytes(q[3:5], "little")) for q in quints]
    for each in wanted:
        if each[0] not in seen:
            seen.add(each[0])
            yield each


def _writes(request: Request) -> Iterator[tuple[int, int, bytes]]:
    """Yield (id, address, data) of everything that a sync or bulk write contains."""

    params = request.params
    if request.instruction == SYNC_WRITE:
        address, length = int.from_bytes(params[:2], "little"), int.from_bytes(params[2:4], "little")
        for start in range(4, len(params) - length, 1 + length):
            yield params[start], address, params[start + 1 : start + 1 + length]
        return
    start = 0
    while start + 5 < len(params):
        length = int.from_bytes(params[start + 3 : start + 5], "little")
        yield params[start], int.from_bytes(params[start + 1 : start + 3], "little"), params[start + 5 :][:length]
        start += 5 + length
