"""Health of the servos: compares temperature, voltage and load with thresholds; warn, then reduce torque, then stop.

Pure: readings in, findings out. The thresholds are in the arm's configuration. A voltage that is far too low means that
the power supply is off and is reported as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum

from hardware.checks import require_positive
from robot_wm.errors import ConfigError


class Level(IntEnum):
    """Severity, in increasing order."""

    OK = 0
    WARN = 1
    FOLD_BACK = 2  # reduce the torque
    STOP = 3


@dataclass(frozen=True)
class HealthConfig:
    """Thresholds. A temperature level is left once the reading is `recover_degc` below the threshold that raised it."""

    every_s: float = 0.5  # between two checks
    warn_degc: float = 55.0
    fold_back_degc: float = 60.0
    stop_degc: float = 65.0  # servos of both families switch off at 70
    recover_degc: float = 3.0
    warn_below_v: float = 6.0
    stop_below_v: float = 5.0
    unpowered_below_v: float = 3.0
    warn_above_v: float = 13.2
    stop_above_v: float = 14.5
    load_share: float = 0.7  # of full duty, above which a joint is overloaded
    load_warn_s: float = 0.5  # duration of the overload
    load_fold_back_s: float = 1.0  # STS servos switch off after 2 s above 80 %
    load_stop_s: float = 4.0
    fold_back_to: float = 0.6  # of the torque limit

    def __post_init__(self) -> None:
        require_positive("health", self, *(each.name for each in fields(self)))
        require_positive("health", self, "load_share", "fold_back_to", most=1.0)
        rising = (self.warn_degc, self.fold_back_degc, self.stop_degc)
        times = (self.load_warn_s, self.load_fold_back_s, self.load_stop_s)
        volts = (self.unpowered_below_v, self.stop_below_v, self.warn_below_v, self.warn_above_v, self.stop_above_v)
        for name, values in (("temperatures", rising), ("times of load", times), ("voltages", volts)):
            if list(values) != sorted(values):
                raise ConfigError(
                    f"health: {name} must increase from warn to stop, received {values}; put them in order"
                )


@dataclass(frozen=True)
class Reading:
    """Sensor readings of one servo."""

    temperature_degc: float
    voltage_v: float
    load_share: float  # of full duty, in [-1, 1]


@dataclass(frozen=True)
class Finding:
    """A problem of one servo and its severity."""

    servo: int
    level: Level
    message: str


@dataclass
class _Memory:
    level: Level = Level.OK
    loaded_since_s: float | None = None


@dataclass
class HealthAssessor:
    """Assesses readings over time: keeps each servo's temperature level and the start of its overload."""

    config: HealthConfig
    _memory: dict[int, _Memory] = field(default_factory=dict)

    def assess(self, readings: Mapping[int, Reading], now_s: float) -> tuple[Finding, ...]:
        """Return all findings worse than OK, the worst first."""
        found = [self._servo(servo, reading, now_s) for servo, reading in readings.items()]
        bad = [finding for findings in found for finding in findings if finding.level > Level.OK]
        return tuple(sorted(bad, key=lambda finding: (-finding.level, finding.servo)))

    def _servo(self, servo: int, reading: Reading, now_s: float) -> list[Finding]:
        memory = self._memory.setdefault(servo, _Memory())
        return [
            Finding(servo, *self._heat(memory, reading.temperature_degc)),
            Finding(servo, *self._voltage(reading.voltage_v)),
            Finding(servo, *self._load(memory, reading.load_share, now_s)),
        ]

    def _heat(self, memory: _Memory, degc: float) -> tuple[Level, str]:
        config = self.config
        steps = (
            (config.stop_degc, Level.STOP),
            (config.fold_back_degc, Level.FOLD_BACK),
            (config.warn_degc, Level.WARN),
        )
        rising = next((level for least, level in steps if degc >= least), Level.OK)
        falling = next((level for least, level in steps if degc >= least - config.recover_degc), Level.OK)
        memory.level = max(rising, min(memory.level, falling))
        return memory.level, f"{degc:.0f} degC (warns at {config.warn_degc:.0f}, stops at {config.stop_degc:.0f})"

    def _voltage(self, volts: float) -> tuple[Level, str]:
        config = self.config
        if volts < config.unpowered_below_v:
            return Level.STOP, f"unpowered: {volts:.1f} V; switch the arm's power supply on"
        if volts < config.stop_below_v or volts > config.stop_above_v:
            return Level.STOP, f"{volts:.1f} V (allowed {config.stop_below_v:.1f} to {config.stop_above_v:.1f})"
        if volts < config.warn_below_v or volts > config.warn_above_v:
            return Level.WARN, f"{volts:.1f} V (normal: {config.warn_below_v:.1f} to {config.warn_above_v:.1f})"

        return Level.OK, ""

    def _load(self, memory: _Memory, share: float, now_s: float) -> tuple[Level, str]:
        config = self.config
        if abs(share) < config.load_share:
            memory.loaded_since_s = None
            return Level.OK, ""
        if memory.loaded_since_s is None:
            memory.loaded_since_s = now_s
        for_s = now_s - memory.loaded_since_s
        steps = (
            (config.load_stop_s, Level.STOP),
            (config.load_fold_back_s, Level.FOLD_BACK),
            (config.load_warn_s, Level.WARN),
        )
        level = next((level for least_s, level in steps if for_s >= least_s), Level.OK)
        return level, f"load {abs(share):.0%} for {for_s:.1f} s (stops after {config.load_stop_s:.1f} s)"
