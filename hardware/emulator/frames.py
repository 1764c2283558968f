"""Requests as an emulated servo hears them. The two families' `..._frames.py` cut them out of the bytes on the line."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

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


def collide(replies: Iterable[Reply]) -> list[Reply]:
    """What is heard of replies sent at the same moment: a low bit wins. None, or one."""
    spoken = sorted(replies, key=lambda reply: len(reply.data))
    return [reduce(_over, spoken)] if spoken else []


def _over(first: Reply, second: Reply) -> Reply:
    both = bytes(a & b for a, b in zip(first.data, second.data, strict=False))
    return replace(second, data=both + second.data[len(both) :])
