"""Replies that were asked for and never came: they may still come, and must not be taken for answers to later requests.

Neither protocol numbers its requests. What a frame answers shows only in its servo and its length, so a length that a
servo still owes is avoided in later requests (a few bytes more are read) until the debt is paid or too old to matter.
"""

from collections.abc import Iterable


class Debts:
    """Owed replies by servo and data length."""

    def __init__(self, keep_s: float) -> None:
        """`keep_s`: no reply is later than this."""
        self._keep_s = keep_s
        self._until_s: dict[tuple[int, int], list[float]] = {}

    def __bool__(self) -> bool:
        return bool(self._until_s)

    def add(self, servo: int, length: int, now_s: float) -> None:
        """Note that `servo` owes a reply with `length` bytes of data."""
        self._until_s.setdefault((servo, length), []).append(now_s + self._keep_s)

    def forget_old(self, now_s: float) -> None:
        """Drop what is too old to come."""
        for key, until_s in list(self._until_s.items()):
            kept = [time_s for time_s in until_s if time_s > now_s]
            if kept:
                self._until_s[key] = kept
            else:
                del self._until_s[key]

    def pay(self, servo: int, length: int) -> bool:
        """A reply came that nobody waits for: whether it was owed."""
        until_s = self._until_s.get((servo, length))
        if not until_s:
            return False
        del until_s[0]
        if not until_s:
            del self._until_s[servo, length]
        return True

    def owed(self, servo: int, length: int) -> bool:
        """Whether `servo` may still send a reply with `length` bytes of data."""
        return (servo, length) in self._until_s

    def doubtful(self, servos: Iterable[int], length: int) -> frozenset[int]:
        """Those of `servos` that may still send an older reply with `length` bytes of data."""
        return frozenset(servo for servo in servos if (servo, length) in self._until_s)

    def longest(self) -> int:
        """The longest reply that may still come."""
        return max((length for _, length in self._until_s), default=0)
