"""A second look at positions: a servo cannot be somewhere else faster than it turns.

The last line of defence against a wrong value that came in a well-formed frame. A jump is refused once; when the next
reading agrees with it, the servo really is there (its zero was moved, or it was read seldom).
"""

MARGIN_TICKS = 200  # noise, and clocks that are read late
TURN_TICKS = 4096


class JumpCheck:
    """Remembers where each servo was."""

    def __init__(self, fastest_ticks_s: float) -> None:
        """`fastest_ticks_s`: no servo turns faster, by hand included."""
        self._fastest_ticks_s = fastest_ticks_s
        self._last: dict[int, tuple[int, float]] = {}
        self._doubted: dict[int, tuple[int, float]] = {}

    def believes(self, servo: int, ticks: int, now_s: float) -> bool:
        """Whether `servo` can be at `ticks` now."""
        doubted = self._doubted.pop(servo, None)
        near = [past for past in (self._last.get(servo), doubted) if past is not None]
        if near and not any(self._reaches(past, ticks, now_s) for past in near):
            self._doubted[servo] = ticks, now_s
            return False
        self._last[servo] = ticks, now_s
        return True

    def _reaches(self, past: tuple[int, float], ticks: int, now_s: float) -> bool:
        distance = abs(ticks - past[0])
        distance = min(distance, abs(TURN_TICKS - distance))  # over the seam between 4095 and 0
        return distance <= MARGIN_TICKS + self._fastest_ticks_s * (now_s - past[1])
