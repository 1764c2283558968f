"""Timing of bytes: the wire's baud rate, the adapter's latency timer and jitter. Knows no packets."""

import math
from dataclasses import dataclass

import numpy as np

_BITS_PER_BYTE = 10  # start bit, eight data bits, stop bit
_FULL_BYTES = 62  # an adapter sends a full buffer at once


@dataclass(frozen=True)
class WireConfig:
    """The adapter between the host and the wire."""

    latency_s: float = 0.001  # latency timer; an FTDI's default is 0.016, a CDC-ACM board has 1 ms USB frames
    jitter_s: float = 0.0002  # uniformly distributed, on top


class Wire:
    """A half-duplex wire behind one adapter."""

    def __init__(self, config: WireConfig, seed: int) -> None:
        self._config = config
        self._rng = np.random.default_rng([seed, 0x11])
        self.free_s = 0.0  # time at which the last byte leaves the wire
        self._newest_s = 0.0  # time at which the last byte reaches the host

    def send(self, start_s: float, count: int, baud: int) -> float:
        """Put `count` bytes on the wire, not before `start_s`; return when the last one has passed, s."""
        self.free_s = max(start_s, self.free_s) + count * _BITS_PER_BYTE / baud
        return self.free_s

    def arrival(self, passed_s: float, count: int, latency_s: float | None = None) -> float:
        """Return when `count` bytes whose last one passed at `passed_s` reach the host, s; order is preserved.

        Args:
            passed_s: from `send`.
            count: number of bytes.
            latency_s: overrides the adapter's latency timer.
        """

        period_s = self._config.latency_s if latency_s is None else latency_s
        jitter_s = float(self._rng.uniform(0.0, self._config.jitter_s)) if self._config.jitter_s else 0.0
        held = period_s > 0.0 and count < _FULL_BYTES
        sent_s = math.ceil(passed_s / period_s) * period_s if held else passed_s
        self._newest_s = max(self._newest_s, sent_s + jitter_s)
        return self._newest_s
