"""Requests as an emulated servo hears them. The two families' `..._frames.py` cut them out of the bytes on the line."""

from dataclasses import dataclass

BROADCAST = 0xFE


@dataclass(frozen=True)
class Request:
    """One instruction packet, checked."""

    servo: int
    instruction: int
    params: bytes


@dataclass(frozen=True)
class Reply:
    """What one servo says, and how long it waits before it does."""

    servo: int
    data: bytes
    wait_s: float
