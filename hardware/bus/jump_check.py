"""Plausibility of position readings: a servo cannot be further away than it can have turned since the last reading.

This is the last check against a wrong value in a well-formed frame. A jump is rejected once. If the next reading agrees
with it, the servo really is there (its zero was moved, or it had not been read for a long time).
"""

MARGIN_TICKS = 200  # noise and timestamp error
TURN_TICKS = 4096


class JumpCheck:
    """Last accepted and last rejected position of each servo."""

    def __init__(self, max_speed_ticks_s: float) -> None:
        """`max_speed_ticks_s`: no servo turns faster, not even when pushed by hand."""
        self._max_speed_ticks_s = max_speed_ticks_s
        self._last: dict[int, tuple[int, float]] = {}
        self._rejected: dict[int, tuple[int, float]] = {}

    def accepts(self, servo: int, ticks: int, now_s: float) -> bool:
        """Return whether `servo` can be at `ticks` at `now_s`, and remember the reading."""
        rejected = self._rejected.pop(servo, None)
        earlier = [past for past in (self._last.get(servo), rejected) if past is not None]
        if earlier and not any(self._reachable(past, ticks, now_s) for past in earlier):
            self._rejected[servo] = ticks, now_s
            return False
        self._last[servo] = ticks, now_s
        return True

    def _reachable(self, past: tuple[int, float], ticks: int, now_s: float) -> bool:
        distance = abs(ticks - past[0])
        distance = min(distance, abs(TURN_TICKS - distance))  # across the wrap from 4095 to 0
        return distance <= MARGIN_TICKS + self._max_speed_ticks_s * (now_s - past[1])
