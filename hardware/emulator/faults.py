"""Fault injection on an emulated bus: a schedule in YAML, and the random generator that executes it.

    faults:
      - {kind: late, probability: 0.01, delay_s: 0.08}
      - {kind: stuck, servos: [2], from_s: 4.0, until_s: 6.0}

Knows no protocol: packet faults change bytes and times; the emulator queries the others.
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
_DEFAULT_DELAY_S = {"late": 0.08, "slow_usb": 0.016}


@dataclass(frozen=True)
class Fault:
    """One fault, in the emulator's time; docs/emulator.md describes each kind."""

    kind: Kind
    from_s: float = 0.0
    until_s: float = math.inf
    servos: tuple[int, ...] = ()  # ids; empty: all
    probability: float = 1.0  # per packet, for packet faults
    delay_s: float | None = None  # late: additional delay; slow_usb: the adapter's latency timer
    volts: float = 2.0  # brown_out: remaining supply voltage
    steps: int = 2048  # wrap: shift of the encoder

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ConfigError(f"fault {self.kind}: probability must be between 0 and 1, received {self.probability}")
        if self.until_s < self.from_s:
            raise ConfigError(f"fault {self.kind}: until_s {self.until_s} is before from_s {self.from_s}; swap them")
        if self.kind == "stall" and math.isinf(self.until_s):
            raise ConfigError("fault stall: a stall needs an end, received none; set until_s")

    @property
    def effective_delay_s(self) -> float:
        """`delay_s`, or the default of this kind."""
        return _DEFAULT_DELAY_S.get(self.kind, 0.0) if self.delay_s is None else self.delay_s

    def is_active(self, now_s: float, servo: int | None = None) -> bool:
        """Return whether the fault is active, for `servo` if given."""
        return self.from_s <= now_s < self.until_s and (servo is None or not self.servos or servo in self.servos)


@dataclass(frozen=True)
class FaultSchedule:
    """All faults of one run."""

    faults: tuple[Fault, ...] = ()


class Faults:
    """Executes a schedule; the same seed and packets produce the same faults."""

    def __init__(self, schedule: FaultSchedule, seed: int) -> None:
        self._by_kind: dict[str, list[Fault]] = {}
        for fault in schedule.faults:
            self._by_kind.setdefault(fault.kind, []).append(fault)
        self._rng = np.random.default_rng([seed, 0xFA])
        self.counts: dict[str, int] = {}  # occurrences of each kind of packet fault

    def active(self, kind: str, now_s: float, servo: int | None = None) -> Fault | None:
        """Return the active fault of a kind, if any, regardless of its probability."""
        return next((fault for fault in self._by_kind.get(kind, ()) if fault.is_active(now_s, servo)), None)

    def occurs(self, kind: str, now_s: float, servo: int | None = None) -> Fault | None:
        """Return the active fault of a kind if it occurs for this packet, with the fault's probability."""
        for fault in self._by_kind.get(kind, ()):
            if fault.is_active(now_s, servo) and self._rng.random() < fault.probability:
                self.counts[kind] = self.counts.get(kind, 0) + 1
                return fault
        return None

    def corrupt(self, reply: Reply, now_s: float) -> tuple[bytes, float]:
        """Apply packet faults to a reply. Returns its bytes, empty if it is lost, and its additional delay in s."""
        data, servo = reply.data, reply.servo
        if self.occurs("drop", now_s, servo):
            return b"", 0.0
        for kind, change in (("duplicate", self._duplicated), ("flip", self._flipped), ("truncate", self._truncated)):
            if self.occurs(kind, now_s, servo):
                data = change(data)
        if self.occurs("noise", now_s, servo):
            data = self._noise() + data
        late = self.occurs("late", now_s, servo)
        return data, late.effective_delay_s if late else 0.0

    def _flipped(self, data: bytes) -> bytes:
        bit = int(self._rng.integers(8 * len(data)))
        return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]

    def _truncated(self, data: bytes) -> bytes:
        return data[: int(self._rng.integers(1, len(data)))]

    def _noise(self) -> bytes:
        return self._rng.bytes(int(self._rng.integers(1, 9)))

    def _duplicated(self, data: bytes) -> bytes:
        """Superimpose the reply of a second servo with the same id, a byte or two later: the wire ANDs both."""

        later = b"\xff" * int(self._rng.integers(1, 3)) + data
        padded = data.ljust(len(later), b"\xff")
        return bytes(a & b for a, b in zip(padded, later, strict=True))
