"""One control cycle of a connected arm: read and check all servos, write goals. Radians outside, ticks inside.

Detects faults and reports them; `hardware.arm.serial_arm` latches them and switches the torque.
"""

from collections.abc import Callable
from typing import NoReturn, final

import numpy as np

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import Kind
from hardware.arm.feedback import Feedback, FeedbackReader
from hardware.arm.goals import GoalWriter
from hardware.arm.guards import Guards
from hardware.arm.health_monitor import HealthMonitor
from hardware.arm.start_stop import Starter
from hardware.bus import BusError
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.types import ArmSpec, Floats

Notify = Callable[[str], None]
Fail = Callable[[Kind, str], NoReturn]  # latches a fault and raises ArmFaultError


@final
class Cycle:
    """Feedback, guards, health and goals of one arm. Angles are (n + 1,) rad, gripper last."""

    def __init__(self, starter: Starter, clock: Clock, fail: Fail, notify: Notify) -> None:
        """Take an arm that `starter` has checked; `notify` receives warnings for people."""
        self._bus, self._clock, self._fail, self._notify = starter.bus, clock, fail, notify
        self._config: SerialArmConfig = starter.config
        self._calibration: Calibration = starter.calibration
        self._goals: GoalWriter = starter.goals
        self._reader = FeedbackReader(starter.bus, starter.family, starter.config.servos)
        self._guards = Guards(starter.config, starter.calibration)
        self._health = HealthMonitor(starter, starter.config.health)
        self._silent: tuple[int, ...] = ()
        self.goal_rad = np.zeros(len(starter.config.all_joints))  # last goals written

    def start(self, ticks: dict[int, int]) -> None:
        """Begin with the torque just switched on at `ticks` by servo."""
        self.goal_rad = self._calibration.angles_rad(ticks)
        self._silent = ()
        self._guards.start(self.goal_rad)

    @property
    def must_hold(self) -> bool:
        """Whether a servo is silent or not verified since: a goal write re-enables a restarted STS servo."""
        return bool(self._silent or self._health.unverified)

    def read(self, energised: bool) -> Feedback:
        """Read all servos; check the reading while the arm is energised. Reports faults through `fail`."""
        try:
            feedback = self._reader.read()
        except BusError as error:
            self._fail(Kind.BUS_LOST, str(error))
        self._silent = tuple(feedback.silent)
        if energised:
            self._check(feedback)
        return feedback

    def check_health(self, feedback: Feedback) -> None:
        """Check health and settings at the monitor's own rate. Reports faults through `fail`."""
        try:
            found = self._health.check(feedback, self._clock.now_s(), self._notify)
        except BusError as error:
            if self._bus.lost:
                self._fail(Kind.BUS_LOST, str(error))
            return  # a lost reply; the next check follows soon
        if found is not None:
            self._fail(*found)

    def require_reachable(self, wanted_rad: Floats, spec: ArmSpec) -> None:
        """Report a fault for goals that the limits would not have allowed after the last ones."""
        if reason := self._guards.goal_too_far(wanted_rad, self.goal_rad, spec):
            self._fail(Kind.FAR_GOAL, reason)

    def write(self, angles_rad: Floats) -> None:
        """Write goals and record them, rounded to ticks, in `goal_rad`."""
        ticks = self._calibration.goals(angles_rad)
        try:
            self._goals.write(ticks, self._config.drive.speed_rad_s)
        except BusError as error:
            self._fail(Kind.BUS_LOST, str(error))
        self.goal_rad = self._calibration.angles_rad(ticks)
        self._guards.set_goal(self.goal_rad)

    def angles_rad(self, feedback: Feedback) -> Floats:
        """Return the measured angles. Raises DeviceError if a servo has not been read yet."""
        if self._reader.never_read:
            names = ", ".join(self._config.name_of(servo) for servo in self._reader.never_read)
            raise DeviceError(f"arm {self._config.name!r}: no reading yet from {names}; run: robot-wm arm check")
        return self._calibration.angles_rad(feedback.ticks)

    def hold_pose_rad(self, feedback: Feedback, tolerance_rad: float) -> Floats:
        """Return the angles at which to hold: the goal of joints that are silent or near it, the pose of the others."""
        pose = self.angles_rad(feedback)
        silent = np.array([servo in feedback.silent for servo in self._config.servos])
        return np.where(silent | (np.abs(pose - self.goal_rad) < tolerance_rad), self.goal_rad, pose)

    def _check(self, feedback: Feedback) -> None:
        alarms = {servo: names for servo in self._config.servos if (names := self._bus.alarms.get(servo))}
        if alarms:
            message = "; ".join(f"{self._config.name_of(servo)}: {', '.join(names)}" for servo, names in alarms.items())
            self._fail(Kind.SERVO_ALARM, message)
        found = self._guards.check(feedback, self._clock.now_s())
        if found is not None:
            self._fail(*found)
