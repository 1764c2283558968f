"""What one cycle's reading must not show: a servo that stays silent, a joint that jumps, or one that does not follow.

The limits (`robot_wm.limits`) say what may be asked; these say what must be seen. Pure: no bus.
"""

from typing import final

import numpy as np

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import Kind
from hardware.arm.feedback import Feedback
from robot_wm.types import ArmSpec, Floats

_FASTEST_RAD_S = 8.0  # no servo of these families turns faster
_NOISE_RAD = 0.3
_DARK_READS = 3  # in a row without an answer from anybody
_SLACK_RAD = 0.1  # between the pose that the limits start from and the goal that was held
Found = tuple[Kind, str]


@final
class Guards:
    """Remembers the last reading and since when joints lag. One an arm."""

    def __init__(self, config: SerialArmConfig, calibration: Calibration) -> None:
        self._config, self._calibration = config, calibration
        self._n = len(config.joints)
        self._seen: tuple[Floats, float] | None = None  # angles (n + 1,), when
        self._lags_since_s: dict[int, float] = {}  # joint index -> s
        self._goal_rad = np.zeros(self._n + 1)

    def start(self, pose_rad: Floats) -> None:
        """The torque came on at angles (n + 1,); what was before is forgotten."""
        self._seen = None
        self._lags_since_s = {}
        self._goal_rad = pose_rad

    def goal(self, angles_rad: Floats) -> None:
        """Goals (n + 1,) were sent."""
        self._goal_rad = angles_rad

    def too_far(self, wanted_rad: Floats, last_rad: Floats, spec: ArmSpec) -> str:
        """Why goals (n + 1,) may not follow those sent last; empty when they may. The limits never ask for such."""
        span_rad = abs(self._config.gripper_open_rad - self._config.gripper_closed_rad)
        fastest = np.append(spec.dq_max_rad_s, spec.gripper_rate_max * span_rad)
        step, most = np.abs(wanted_rad - last_rad), fastest / spec.rate_hz + _SLACK_RAD
        if np.isfinite(wanted_rad).all() and (step <= most).all():
            return ""
        worst = int(np.argmax(step / most)) if np.isfinite(step).all() else int(np.argmax(~np.isfinite(step)))
        return f"a step of {step[worst]:.2f} rad for {self._name(worst)} (allowed {most[worst]:.2f})"

    def watch(self, feedback: Feedback, now_s: float) -> Found | None:
        """The first thing that is wrong with a reading, or None."""
        angles = self._calibration.angles_rad(feedback.ticks)
        found = self._silent(feedback) or self._jumps(angles, now_s) or self._lags(angles, now_s)
        self._seen = angles, now_s
        return found

    def _silent(self, feedback: Feedback) -> Found | None:
        most = self._config.guard.silent_reads_max
        if len(feedback.silent) == len(self._config.servos) and min(feedback.silent.values()) >= _DARK_READS:
            return Kind.UNPOWERED, "no servo answers any more, though the port is there"
        lost = [self._config.name_of(servo) for servo, missed in feedback.silent.items() if missed >= most]
        return (Kind.SERVO_SILENT, f"no answer {most} times in a row from {', '.join(lost)}") if lost else None

    def _jumps(self, angles: Floats, now_s: float) -> Found | None:
        if self._seen is None:
            return None
        moved, most = np.abs(angles - self._seen[0]), _NOISE_RAD + _FASTEST_RAD_S * max(0.0, now_s - self._seen[1])
        worst = int(np.argmax(moved))
        if moved[worst] <= most:
            return None
        return Kind.JOINT_JUMPS, f"{self._name(worst)} read {moved[worst]:.2f} rad from where it was a moment before"

    def _lags(self, angles: Floats, now_s: float) -> Found | None:
        guard = self._config.guard
        behind = np.abs(angles - self._goal_rad)[: self._n]  # a gripper that holds something is no fault
        for index, lag_rad in enumerate(behind.tolist()):
            if lag_rad <= guard.lag_rad:
                self._lags_since_s.pop(index, None)
            elif now_s - self._lags_since_s.setdefault(index, now_s) >= guard.lag_s:
                words = f"{self._name(index)} has been {lag_rad:.2f} rad from its goal for {guard.lag_s:.1f} s"
                return Kind.JOINT_LAGS, words
        return None

    def _name(self, index: int) -> str:
        return self._config.name_of(self._config.servos[index])
