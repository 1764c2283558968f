"""The slow look at an arm: health of every servo, and whether a servo has lost its settings (it was restarted).

Acts on what `hardware.arm.health` finds: warns, takes torque away, or says that the arm must stop. After a silence the
settings of a servo are looked at before it is told anything else.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import final

from hardware.arm.faults import Kind
from hardware.arm.feedback import Feedback
from hardware.arm.health import Finding, HealthConfig, HealthAssessor, Level, Reading
from hardware.arm.servo_family import TORQUE
from hardware.arm.start_stop import Starter

Found = tuple[Kind, str]
_TRIPPED = -1  # of the bus watchdog


@final
class HealthMonitor:
    """One an arm, made when it starts."""

    def __init__(self, starter: Starter, config: HealthConfig) -> None:
        self._bus, self._config, self._names = starter.bus, config, starter.config.name_of
        self._family = starter.family
        self._servos = starter.config.servos
        self._watch = HealthAssessor(config)
        self._full = {servo: starter.settings(servo)[self._family.torque_limit] for servo in self._servos}
        self._limit = dict(self._full)  # torque limit that each servo is to have now
        self._due_s = 0.0
        self._turn: Iterator[int] = cycle(self._servos)
        self._doubted: set[int] = set()
        self._told: set[tuple[int, Level]] = set()

    @property
    def doubted(self) -> frozenset[int]:
        """Servos that fell silent, and whose settings have not been looked at since."""
        return frozenset(self._doubted)

    def look(self, feedback: Feedback, now_s: float, tell: Callable[[str], None]) -> Found | None:
        """Why the arm must stop, or None. Raises BusError where a servo does not answer."""
        self._doubted |= set(feedback.silent)
        for servo in sorted(self._doubted - set(feedback.silent)):
            if found := self._lost_settings(servo):
                return found
            self._doubted.discard(servo)
        if now_s < self._due_s:
            return None
        self._due_s = now_s + self._config.every_s
        findings = self._watch.look(self._readings(feedback), now_s)
        self._fold_back(findings)
        self._warn(findings, tell)
        if findings and findings[0].level is Level.STOP:
            return Kind.UNHEALTHY, self._words(findings[0])
        return self._lost_settings(next(self._turn))

    def _readings(self, feedback: Feedback) -> dict[int, Reading]:
        table = self._bus.table
        volts, degc = table["present_voltage"], table["present_temperature"]
        blocks = self._bus.sync_read_block(*self._family.health, self._servos)
        return {
            servo: Reading(degc.to_unit(block[degc.name]), volts.to_unit(block[volts.name]), feedback.load_share[servo])
            for servo, block in blocks.items()
        }

    def _fold_back(self, findings: tuple[Finding, ...]) -> None:
        """Less torque for servos that need it, all of it again for those that no longer do."""
        weak = {finding.servo for finding in findings if finding.level >= Level.FOLD_BACK}
        for servo, full in self._full.items():
            limit = round(full * self._config.fold_back_to) if servo in weak else full
            if limit != self._limit[servo]:
                self._bus.write(servo, self._family.torque_limit, limit)
                self._limit[servo] = limit

    def _warn(self, findings: tuple[Finding, ...], tell: Callable[[str], None]) -> None:
        now = {(finding.servo, finding.level) for finding in findings}
        for finding in findings:
            if (finding.servo, finding.level) not in self._told:
                less = ", less torque from now on" if finding.level is Level.FOLD_BACK else ""
                tell(f"{self._words(finding)}{less}")
        self._told = now

    def _lost_settings(self, servo: int) -> Found | None:
        """A servo that was restarted has the factory's settings, and no torque."""
        limit = self._bus.read(servo, self._family.torque_limit)
        if limit != self._limit[servo]:
            words = f"{self._names(servo)} has lost its settings (torque limit {limit}, was {self._limit[servo]})"
            return Kind.SERVO_RESTARTED, words
        if self._bus.read(servo, TORQUE) != 1:
            return Kind.SERVO_RESTARTED, f"{self._names(servo)} has switched its torque off"
        watchdog = self._family.bus_watchdog
        if watchdog and self._bus.read(servo, watchdog) == _TRIPPED:
            return Kind.SERVO_ALARM, f"{self._names(servo)}: its bus watchdog tripped, the bus was silent for too long"
        return None

    def _words(self, finding: Finding) -> str:
        return f"{self._names(finding.servo)}: {finding.words}"
