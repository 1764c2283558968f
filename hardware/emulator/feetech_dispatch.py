"""Dispatches requests to the STS servos on a bus and orders their replies."""

from collections.abc import Sequence

from hardware.emulator.feetech_servo import FeetechServo
from hardware.emulator.frames import BROADCAST, Reply, Request, collide

SYNC_READ, SYNC_WRITE = 0x82, 0x83


def dispatch(request: Request, servos: Sequence[FeetechServo]) -> list[Reply]:
    """Execute `request` on the servos that receive it and return their replies in order.

    A servo missing from a sync read leaves a gap; the servos after it still answer (assumed).
    """
    if request.instruction == SYNC_READ:
        return _sync_read(request.params, servos)
    if request.instruction == SYNC_WRITE:
        _sync_write(request.params, servos)
        return []
    replies = [servo.answer(request) for servo in servos if request.servo in (servo.id, BROADCAST)]

    return collide(reply for reply in replies if reply is not None)


def _sync_read(params: bytes, servos: Sequence[FeetechServo]) -> list[Reply]:
    if len(params) < 3:
        return []
    address, length, *ids = params
    turns = ([servo.sync_reply(address, length) for servo in servos if servo.id == each] for each in ids)
    return [reply for turn in turns for reply in collide(turn)]


def _sync_write(params: bytes, servos: Sequence[FeetechServo]) -> None:
    if len(params) < 3:
        return
    address, length = params[:2]
    for start in range(2, len(params) - length, 1 + length):
        data = params[start + 1 : start + 1 + length]
        for servo in servos:
            if servo.id == params[start]:
                servo.write(address, data)
