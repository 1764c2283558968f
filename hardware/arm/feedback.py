"""Reads the feedback of all servos once a cycle; a lost reply is requested once more, then the last value is kept.

Knows raw ticks and the servos' own speeds, no joints and no limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from hardware.arm.servo_family import POSITION, VELOCITY, ServoFamily
from hardware.bus import ServoBus

Values = Mapping[str, int]  # register -> raw count


@dataclass(frozen=True)
class Feedback:
    """Feedback by servo id; of a silent servo, its last feedback."""

    ticks: Mapping[int, int]  # raw position counts
    speed_rad_s: Mapping[int, float]  # 0 for a silent servo
    load_share: Mapping[int, float]  # of full duty, in [-1, 1]
    silent: Mapping[int, int]  # servo -> number of readings in a row that it has missed


@final
class FeedbackReader:
    """Reads the feedback registers of `servos`."""

    def __init__(self, bus: ServoBus, family: ServoFamily, servos: tuple[int, ...]) -> None:
        self._bus = bus
        self._first, self._last = family.feedback
        self._servos = servos
        self._values: dict[int, Values] = {}
        self._missed = dict.fromkeys(servos, 0)
        self._speed_scale = bus.table[VELOCITY].scale
        self._load, self._load_scale = family.load, bus.table[family.load].scale

    def read(self) -> Feedback:
        """Read all servos in one transaction, and the missing ones in a second. Raises BusLostError."""
        fresh: dict[int, Values] = dict(self._bus.sync_read_block(self._first, self._last, self._servos))
        missing = [servo for servo in self._servos if servo not in fresh]
        if missing:
            fresh |= self._bus.sync_read_block(self._first, self._last, missing)
        self._values |= fresh
        for servo in self._servos:
            self._missed[servo] = 0 if servo in fresh else self._missed[servo] + 1
        return self._feedback()

    @property
    def never_read(self) -> tuple[int, ...]:
        """Servos that have never answered."""
        return tuple(servo for servo in self._servos if servo not in self._values)

    def _feedback(self) -> Feedback:
        known = {servo: values for servo, values in self._values.items() if servo in self._missed}
        return Feedback(
            {servo: values[POSITION] for servo, values in known.items()},
            {
                servo: 0.0 if self._missed[servo] else values[VELOCITY] * self._speed_scale
                for servo, values in known.items()
            },
            {servo: values[self._load] * self._load_scale for servo, values in known.items()},
            {servo: count for servo, count in self._missed.items() if count},
        )
