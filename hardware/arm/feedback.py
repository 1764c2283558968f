"""One cycle's reading of all servos: a lost reply is asked for once more, then the last value stands for a while.

Knows ticks and servos' own speeds, no arm and no limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from hardware.arm.servo_family import POSITION, VELOCITY, ServoFamily
from hardware.bus.base import ServoBus

Values = Mapping[str, int]  # register -> raw count


@dataclass(frozen=True)
class Feedback:
    """What the servos said. Every servo is there; of a silent one, what it said last."""

    ticks: Mapping[int, int]
    speed_rad_s: Mapping[int, float]
    load_share: Mapping[int, float]
    silent: Mapping[int, int]  # servo -> readings in a row that it has missed


@final
class FeedbackReader:
    """Reads the family's feedback block of `servos`."""

    def __init__(self, bus: ServoBus, family: ServoFamily, servos: tuple[int, ...]) -> None:
        self._bus = bus
        self._first, self._last = family.feedback
        self._servos = servos
        self._values: dict[int, Values] = {}
        self._missed = dict.fromkeys(servos, 0)
        self._speed_scale = bus.table[VELOCITY].scale
        self._load, self._load_scale = family.load, bus.table[family.load].scale

    def read(self) -> Feedback:
        """One transaction, and a second one for those that did not answer. Raises BusLostError."""
        fresh: dict[int, Values] = dict(self._bus.sync_read_block(self._first, self._last, self._servos))
        missing = [servo for servo in self._servos if servo not in fresh]
        if missing:
            fresh |= self._bus.sync_read_block(self._first, self._last, missing)
        self._values |= fresh
        for servo in self._servos:
            self._missed[servo] = 0 if servo in fresh else self._missed[servo] + 1
        return self._feedback()

    @property
    def unheard(self) -> tuple[int, ...]:
        """Servos that have never answered."""
        return tuple(servo for servo in self._servos if servo not in self._values)

    def _feedback(self) -> Feedback:
        heard = {servo: values for servo, values in self._values.items() if servo in self._missed}
        return Feedback(
            {servo: values[POSITION] for servo, values in heard.items()},
            {
                servo: 0.0 if self._missed[servo] else values[VELOCITY] * self._speed_scale
                for servo, values in heard.items()
            },
            {servo: values[self._load] * self._load_scale for servo, values in heard.items()},
            {servo: count for servo, count in self._missed.items() if count},
        )
