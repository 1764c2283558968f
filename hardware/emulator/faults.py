"""What goes wrong on an emulated bus, and when: a schedule in YAML, and the dice that carry it out.

    faults:
      - {kind: late, probability: 0.01, delay_s: 0.08}
      - {kind: stuck, servos: [2], from_s: 4.0, until_s: 6.0}

Knows no protocol: packet faults change bytes and times, the others are asked about by the emulator.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hardware.emulator.frames import Reply
from robot_wm.errors import ConfigError

Kind = Literal[
    "drop",
    "lost_request",
    "late",
    "truncate",
    "flip",
    "echo",
    "noise",
    "duplicate",
    "unplug",
    "slow_usb",
    "stall",
    "brown_out",
    "stuck",
    "stripped",
    "overload",
    "hot",
    "wrap",
]
_USUAL_DELAY_S = {"late": 0.08, "slow_usb": 0.016}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, in the emulator's time; docs/emulator.md says what each kind does."""

    kind: Kind
    from_s: float = 0.0
    until_s: float = math.inf
    servos: tuple[int, ...] = ()  # ids; empty: all of them
    probability: float = 1.0  # of each packet, for faults of packets
    delay_s: float | None = None  # late: on top; slow_usb: the adapter's latency timer
    volts: float = 2.0  # brown_out: what is left of the supply
    steps: int = 2048  # wrap: how far the encoder jumps

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ConfigError(f"fault {self.kind}: probability must be within 0 and 1, received {self.probability}")
        if self.until_s < self.from_s:
            raise ConfigError(f"fault {self.kind}: until_s {self.until_s} lies before from_s {self.from_s}; swap them")
        if self.kind == "stall" and math.isinf(self.until_s):
            raise ConfigError("fault stall: a stall has an end; give until_s")

    @property
    def lateness_s(self) -> float:
        """`delay_s`, or what is usual for this kind."""
        return _USUAL_DELAY_S.get(self.kind, 0.0) if self.delay_s is None else self.delay_s

    def on(self, now_s: float, servo: int | None = None) -> bool:
        """Whether it is in force, for `servo` if one is given."""
        return self.from_s <= now_s < self.until_s and (servo is None or not self.servos or servo in self.servos)


@dataclass(frozen=True)
class FaultSchedule:
    """All that goes wrong in one run."""

    faults: tuple[Fault, ...] = ()


class Faults:
    """A schedule with its dice: the same seed and the same packets meet the same faults."""

    def __init__(self, schedule: FaultSchedule, seed: int) -> None:
        self._by_kind: dict[str, list[Fault]] = {}
        for fault in schedule.faults:
            self._by_kind.setdefault(fault.kind, []).append(fault)
        self._rng = np.random.default_rng([seed, 0xFA])
        self.struck: dict[str, int] = {}  # how often each kind of packet fault struck

    def active(self, kind: str, now_s: float, servo: int | None = None) -> Fault | None:
        """The fault of a kind that is in force, if any; without dice."""
        return next((fault for fault in self._by_kind.get(kind, ()) if fault.on(now_s, servo)), None)

    def strikes(self, kind: str, now_s: float, servo: int | None = None) -> Fault | None:
        """The same for one packet, with the fault's probability."""
        for fault in self._by_kind.get(kind, ()):
            if fault.on(now_s, servo) and self._rng.random() < fault.probability:
                self.struck[kind] = self.struck.get(kind, 0) + 1
                return fault
        return None

    def spoil(self, reply: Reply, now_s: float) -> tuple[bytes, float]:
        """A reply's bytes (none where it is lost) and its lateness in s, after what strikes it."""
        data, servo = reply.data, reply.servo
        if self.strikes("drop", now_s, servo):
            return b"", 0.0
        for kind, change in (("duplicate", self._doubled), ("flip", self._flipped), ("truncate", self._cut)):
            if self.strikes(kind, now_s, servo):
                data = change(data)
        if self.strikes("noise", now_s, servo):
            data = self._noise() + data
        late = self.strikes("late", now_s, servo)
        return data, late.lateness_s if late else 0.0

    def _flipped(self, data: bytes) -> bytes:
        bit = int(self._rng.integers(8 * len(data)))
        return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]

    def _cut(self, data: bytes) -> bytes:
        return data[: int(self._rng.integers(1, len(data)))]

    def _noise(self) -> bytes:
        return self._rng.bytes(int(self._rng.integers(1, 9)))

    def _doubled(self, data: bytes) -> bytes:
        """A second servo answers to the same id, a byte later: what both say is ANDed on the line."""
        later = b"\xff" * int(self._rng.integers(1, 3)) + data
        padded = data.ljust(len(later), b"\xff")
        return bytes(a & b for a, b in zip(padded, later, strict=True))
