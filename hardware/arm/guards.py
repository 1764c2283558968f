"""Checks of each cycle's reading: a servo that stays silent, a joint that jumps, a joint that does not follow its goal.

The limits (`robot_wm.limits`) restrict commands; these checks monitor measurements. Pure: knows no bus.
"""

from typing import final

import numpy as np

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import Kind
from hardware.arm.feedback import Feedback
from robot_wm.types import ArmSpec, Floats

_MAX_SPEED_RAD_S = 8.0  # no servo of these families turns faster
_NOISE_RAD = 0.3
_UNPOWERED_READS = 3  # in a row without an answer from any servo
_SLACK_RAD = 0.1  # between the measured pose that the limits start from and the goal that was held
Detected = tuple[Kind, str]


@final
class Guards:
    """Last reading, last goals and lag times of one arm. Angles are (n + 1,) rad, gripper last."""

    def __init__(self, config: SerialArmConfig, calibration: Calibration) -> None:
        self._config, self._calibration = config, calibration
        self._n = len(config.joints)
        self._last: tuple[Floats, float] | None = None  # angles, time
        self._lags_since_s: dict[int, float] = {}  # joint index -> s
        self._goal_rad = np.zeros(self._n + 1)

    def start(self, pose_rad: Floats) -> None:
        """Restart with the torque just switched on at `pose_rad`."""
        self._last = None
        self._lags_since_s = {}
        self._goal_rad = pose_rad

    def set_goal(self, angles_rad: Floats) -> None:
        """Record the goals that were written."""
        self._goal_rad = angles_rad

    def goal_too_far(self, wanted_rad: Floats, last_rad: Floats, spec: ArmSpec) -> str:
        """Return why goals may not follow the last ones, empty if they may. The limits never produce such goals."""
        span_rad = abs(self._config.gripper_open_rad - self._config.gripper_closed_rad)
        fastest = np.append(spec.dq_max_rad_s, spec.gripper_rate_max * span_rad)
        step, most = np.abs(wanted_rad - last_rad), fastest / spec.rate_hz + _SLACK_RAD
        if np.isfinite(wanted_rad).all() and (step <= most).all():
            return ""
        worst = int(np.argmax(step / most)) if np.isfinite(step).all() else int(np.argmax(~np.isfinite(step)))
        return f"a step of {step[worst]:.2f} rad for {self._name(worst)} (allowed {most[worst]:.2f})"

    def check(self, feedback: Feedback, now_s: float) -> Detected | None:
        """Return the first fault that a reading shows, or None."""
        angles = self._calibration.angles_rad(feedback.ticks)
        found = self._silent(feedback) or self._jumps(angles, now_s) or self._lags(angles, now_s)
        self._last = angles, now_s
        return found

    def _silent(self, feedback: Feedback) -> Detected | None:
        most = self._config.guard.silent_reads_max
        if len(feedback.silent) == len(self._config.servos) and min(feedback.silent.values()) >= _UNPOWERED_READS:
            return Kind.UNPOWERED, "no servo answers any more, but the port is open"
        lost = [self._config.name_of(servo) for servo, missed in feedback.silent.items() if missed >= most]
        return (Kind.SERVO_SILENT, f"no answer {most} times in a row from {', '.join(lost)}") if lost else None

    def _jumps(self, angles: Floats, now_s: float) -> Detected | None:
        if self._last is None:
            return None
        moved, most = np.abs(angles - self._last[0]), _NOISE_RAD + _MAX_SPEED_RAD_S * max(0.0, now_s - self._last[1])
        worst = int(np.argmax(moved))
        if moved[worst] <= most:
            return None
        return Kind.JOINT_JUMPS, f"{self._name(worst)} jumped by {moved[worst]:.2f} rad between two readings"

    def _lags(self, angles: Floats, now_s: float) -> Detected | None:
        guard = self._config.guard
        behind = np.abs(angles - self._goal_rad)[: self._n]  # a gripper that holds an object is no fault
        for index, lag_rad in enumerate(behind.tolist()):
            if lag_rad <= guard.lag_rad:
                self._lags_since_s.pop(index, None)
            elif now_s - self._lags_since_s.setdefault(index, now_s) >= guard.lag_s:
                return Kind.JOINT_LAGS, (
                    f"{self._name(index)} has been {lag_rad:.2f} rad from its goal for {guard.lag_s:.1f} s"
                )

        return None

    def _name(self, index: int) -> str:
        return self._config.name_of(self._config.servos[index])
