"""Replies that timed out and may still arrive; they must not be matched to a later request.

Neither protocol numbers its requests: a reply identifies its request only by servo id and data length. While a reply of
some length is outstanding, later reads from that servo use another length (a few extra bytes), until the late reply
has arrived or is too old to matter.
"""

from collections.abc import Iterable


class OutstandingReplies:
    """Replies still expected, by servo and data length."""

    def __init__(self, max_age_s: float) -> None:
        """`max_age_s`: no reply arrives later than this."""
        self._max_age_s = max_age_s
        self._expiry_s: dict[tuple[int, int], list[float]] = {}

    def __bool__(self) -> bool:
        return bool(self._expiry_s)

    def add(self, servo: int, length: int, now_s: float) -> None:
        """Record that `servo` has not yet sent a reply with `length` bytes of data."""
        self._expiry_s.setdefault((servo, length), []).append(now_s + self._max_age_s)

    def expire(self, now_s: float) -> None:
        """Drop the replies that are too old to arrive."""
        kept = {key: [t_s for t_s in expiry_s if t_s > now_s] for key, expiry_s in self._expiry_s.items()}
        self._expiry_s = {key: expiry_s for key, expiry_s in kept.items() if expiry_s}

    def settle(self, servo: int, length: int) -> bool:
        """Remove one outstanding reply, because it has arrived. Return False if none matches."""
        expiry_s = self._expiry_s.get((servo, length))
        if not expiry_s:
            return False
        del expiry_s[0]
        if not expiry_s:
            del self._expiry_s[servo, length]
        return True

    def contains(self, servo: int, length: int) -> bool:
        """Return whether `servo` may still send a late reply with `length` bytes of data."""
        return (servo, length) in self._expiry_s

    def ambiguous(self, servos: Iterable[int], length: int) -> frozenset[int]:
        """Return those of `servos` whose reply of `length` bytes could be a late one."""
        return frozenset(servo for servo in servos if (servo, length) in self._expiry_s)

    def longest(self) -> int:
        """Return the data length of the longest outstanding reply, 0 if there is none."""
        return max((length for _, length in self._expiry_s), default=0)
