"""Requests and replies of emulated servos. The two families' `..._frames.py` convert them from and to bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

BROADCAST = 0xFE


@dataclass(frozen=True)
class Request:
    """One valid instruction packet."""

    servo: int
    instruction: int
    params: bytes


@dataclass(frozen=True)
class Reply:
    """One status packet."""

    servo: int
    data: bytes
    wait_s: float  # return delay


def collide(replies: Iterable[Reply]) -> list[Reply]:
    """Superimpose replies sent at the same time: a low bit wins. Returns no reply or one."""
    by_length = sorted(replies, key=lambda reply: len(reply.data))
    return [reduce(_superimposed, by_length)] if by_length else []


def _superimposed(first: Reply, second: Reply) -> Reply:
    both = bytes(a & b for a, b in zip(first.data, second.data, strict=False))
    return replace(second, data=both + second.data[len(both) :])
