"""Slow checks of an arm: health of every servo, and whether a servo was restarted and so lost its settings.

Acts on the findings of `hardware.arm.health`: warns, reduces the torque, or requests a stop. After a servo was silent,
its settings are verified before it is sent anything else.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import final

from hardware.arm.faults import Kind
from hardware.arm.feedback import Feedback
from hardware.arm.health import Finding, HealthAssessor, HealthConfig, Level, Reading
from hardware.arm.servo_family import TORQUE
from hardware.arm.start_stop import Starter

Detected = tuple[Kind, str]
_TRIPPED = -1  # of the bus watchdog


@final
class HealthMonitor:
    """Monitor of one arm, created at each start."""

    def __init__(self, starter: Starter, config: HealthConfig) -> None:
        self._bus, self._config, self._names = starter.bus, config, starter.config.name_of
        self._family = starter.family
        self._servos = starter.config.servos
        self._assessor = HealthAssessor(config)
        self._full = {servo: starter.settings(servo)[self._family.torque_limit] for servo in self._servos}
        self._limit = dict(self._full)  # torque limit that each servo should have now
        self._due_s = 0.0
        self._next_servo: Iterator[int] = cycle(self._servos)
        self._unverified: set[int] = set()
        self._reported: set[tuple[int, Level]] = set()

    @property
    def unverified(self) -> frozenset[int]:
        """Servos that fell silent and whose settings have not been verified since."""
        return frozenset(self._unverified)

    def check(self, feedback: Feedback, now_s: float, notify: Callable[[str], None]) -> Detected | None:
        """Verify servos that were silent; every `every_s`, check health and the settings of one servo.

        Args:
            feedback: of this cycle.
            now_s: time of this cycle.
            notify: receives warnings for people.

        Returns:
            Why the arm must stop, or None.

        Raises:
            BusError: when a servo does not answer.
        """
        self._unverified |= set(feedback.silent)
        for servo in sorted(self._unverified - set(feedback.silent)):
            if found := self._lost_settings(servo):
                return found
            self._unverified.discard(servo)
        if now_s < self._due_s:
            return None
        self._due_s = now_s + self._config.every_s
        findings = self._assessor.assess(self._readings(feedback), now_s)
        self._fold_back(findings)
        self._warn(findings, notify)
        if findings and findings[0].level is Level.STOP:
            return Kind.UNHEALTHY, self._text(findings[0])
        return self._lost_settings(next(self._next_servo))

    def _readings(self, feedback: Feedback) -> dict[int, Reading]:
        table = self._bus.table
        volts, degc = table["present_voltage"], table["present_temperature"]
        blocks = self._bus.sync_read_block(*self._family.health, self._servos)
        return {
            servo: Reading(degc.to_unit(block[degc.name]), volts.to_unit(block[volts.name]), feedback.load_share[servo])
            for servo, block in blocks.items()
        }

    def _fold_back(self, findings: tuple[Finding, ...]) -> None:
        """Reduce the torque limit of overloaded servos and restore it for the others."""
        reduced = {finding.servo for finding in findings if finding.level >= Level.FOLD_BACK}
        for servo, full in self._full.items():
            limit = round(full * self._config.fold_back_to) if servo in reduced else full
            if limit != self._limit[servo]:
                self._bus.write(servo, self._family.torque_limit, limit)
                self._limit[servo] = limit

    def _warn(self, findings: tuple[Finding, ...], notify: Callable[[str], None]) -> None:
        now = {(finding.servo, finding.level) for finding in findings}
        for finding in findings:
            if (finding.servo, finding.level) not in self._reported:
                action = ", torque reduced" if finding.level is Level.FOLD_BACK else ""
                notify(f"{self._text(finding)}{action}")
        self._reported = now

    def _lost_settings(self, servo: int) -> Detected | None:
        """Detect a restarted servo: it has the factory settings, and no torque."""
        limit = self._bus.read(servo, self._family.torque_limit)
        if limit != self._limit[servo]:
            message = f"{self._names(servo)} has lost its settings (torque limit {limit}, was {self._limit[servo]})"
            return Kind.SERVO_RESTARTED, message
        if self._bus.read(servo, TORQUE) != 1:
            return Kind.SERVO_RESTARTED, f"{self._names(servo)} has switched its torque off"
        watchdog = self._family.bus_watchdog
        if watchdog and self._bus.read(servo, watchdog) == _TRIPPED:
            return (
                Kind.SERVO_ALARM,
                f"{self._names(servo)}: its bus watchdog tripped, there was no traffic for too long",
            )
        return None

    def _text(self, finding: Finding) -> str:
        return f"{self._names(finding.servo)}: {finding.message}"
