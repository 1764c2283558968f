"""The `Arm` interface over servos on a serial bus.

Start: read the pose, set the goals to it, switch the torque on. Stop: park, then release. A fault in between is latched
(`hardware.arm.faults`): commands are refused until the arm is connected again. One cycle is in `hardware.arm.cycle`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NoReturn

import numpy as np

from hardware.arm.bus_watchdog import enable_watchdogs
from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig, arm_spec
from hardware.arm.cycle import Cycle, Notify
from hardware.arm.faults import ArmFaultError, Fault, Kind
from hardware.arm.feedback import Feedback
from hardware.arm.start_stop import Starter, release
from hardware.bus import Counters, ServoBus
from robot_wm.arm import Arm
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats

PARK_RATE_HZ = 20.0
_PARKED_RAD = 0.05
_SETTLING_S = 0.5  # for the servos to arrive at the last step

OpenBus = Callable[[], ServoBus]  # raises DeviceError


def _ignore(message: str) -> None:
    pass


class SerialArm(Arm):
    """One arm. Not thread-safe: only the owner of the port may use it."""

    def __init__(
        self,
        config: SerialArmConfig,
        calibration: Calibration,
        open_bus: OpenBus,
        clock: Clock,
        spec: ArmSpec | None = None,
        notify: Notify = _ignore,
        use_watchdog: bool = False,
    ) -> None:
        """Create the arm, not connected.

        Args:
            config: the arm's file.
            calibration: ticks to radians, for every joint of `config`.
            open_bus: opens the bus; called by `connect`.
            clock: source of timestamps and waits.
            spec: replaces the one derived from `config` and `calibration`.
            notify: receives warnings for people.
            use_watchdog: arm the servos' bus watchdog where it works; the owner must then send 20 packets per second.

        Raises:
            ConfigError: when the rest pose is outside the calibrated ranges.
        """
        self._config, self._calibration = config, calibration
        self._spec = arm_spec(config, calibration) if spec is None else spec
        self._kinematics = Kinematics(self._spec)
        self._open_bus, self._clock, self._notify, self._use_watchdog = open_bus, clock, notify, use_watchdog
        self._watchdog_servos: tuple[int, ...] = ()
        self._bus: ServoBus | None = None
        self._energised = False
        self._unreleased: tuple[str, ...] = ()
        self._parked = False
        self._fault: Fault | None = None

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    @property
    def fault(self) -> Fault | None:
        """The latched fault; connecting again clears it."""
        return self._fault

    @property
    def energised(self) -> bool:
        """Whether the torque is on, as far as is known."""
        return self._energised

    @property
    def watchdog_servos(self) -> tuple[int, ...]:
        """Ids of the servos whose bus watchdog is armed."""
        return self._watchdog_servos

    @property
    def unreleased(self) -> tuple[str, ...]:
        """Names of the servos that may still be energised after the last release."""
        return self._unreleased

    @property
    def parked(self) -> bool:
        """Whether the last parking motion reached the rest pose in time."""
        return self._parked

    @property
    def counters(self) -> Counters:
        """Counters of the bus since connecting. Raises DeviceError when not connected."""
        return self._connected_bus().counters

    def hold(self) -> None:
        """Set the goals to the measured pose at once; the gripper keeps its goal and so its grip.

        The next command starts from there.

        Raises:
            DeviceError: when the arm cannot be read or written.
        """
        if self._fault is None and self._energised:
            self._stopped = True  # the limits restart from the measured state
            pose = self._cycle.hold_pose_rad(self._feedback(), 0.0)
            pose[-1] = self._cycle.goal_rad[-1]
            self._cycle.write(pose)

    def latch(self, kind: Kind, message: str) -> Fault:
        """Latch a fault unless one is latched already; release all servos unless this kind is parked first."""
        fault = Fault(kind, message, self._clock.now_s())
        if self._fault is None:
            self._fault = fault
        if self._energised and not fault.parks:
            self.release()
        return self._fault

    def parking(self) -> Iterator[None]:
        """Move slowly to the rest pose, gripper unchanged.

        Yields:
            None after each step; wait 1 / PARK_RATE_HZ before the next.

        Raises:
            DeviceError: when the arm cannot be read or written.
        """
        guard = self._config.guard
        self._parked = False
        start = self._cycle.hold_pose_rad(self._feedback(), guard.lag_rad)
        distance_rad = np.append(self._spec.q_rest_rad, start[-1]) - start
        steps = int(np.ceil(np.abs(distance_rad).max() * PARK_RATE_HZ / guard.park_speed_rad_s))
        if np.abs(distance_rad).max() < _PARKED_RAD:
            self._parked = True
            return
        for step in range(1, min(steps, int(guard.park_s * PARK_RATE_HZ)) + 1):
            self._cycle.write(start + distance_rad * step / steps)
            yield
            if not self._energised:
                return
            self._feedback()
        for _ in range(int(_SETTLING_S * PARK_RATE_HZ)):
            goal_rad = self._cycle.goal_rad
            if np.abs(self._cycle.angles_rad(self._feedback()) - goal_rad).max() < _PARKED_RAD:
                self._parked = bool(np.abs(goal_rad[:-1] - self._spec.q_rest_rad).max() < _PARKED_RAD)
                return
            yield

    def release(self) -> tuple[str, ...]:
        """Switch every torque off now. Returns the names of the servos that may still be energised."""
        servos = release(self._connected_bus(), self._config.servos)
        names = tuple(self._config.name_of(servo) for servo in servos)
        self._energised, self._stopped, self._unreleased = False, True, names  # it may sink: the limits restart
        if self._fault is not None:
            self._fault = replace(self._fault, unreleased=names)
        return names

    def _connect(self) -> None:
        self._bus = self._open_bus()
        self._fault = None
        try:
            self._starter = Starter(self._bus, self._config, self._calibration)
            self._starter.check()
            self._cycle = Cycle(self._starter, self._clock, self._fail, self._notify)
            for note in self._starter.apply_settings():
                self._notify(note)
            self._energise()
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._bus is not None:
            bus = self._bus
            if self._energised:
                self._release_and_report()
            self._bus = None
            bus.close()

    def _read(self) -> ArmState:
        feedback = self._feedback()
        if self._energised and self._fault is None:
            self._cycle.check_health(feedback)
        n = self._spec.n_joints
        angles = self._cycle.angles_rad(feedback)
        speeds = self._calibration.speeds_rad_s(feedback.speed_rad_s)
        opening = self._config.opening(float(angles[n]))
        return ArmState(angles[:n], speeds[:n], None, opening, self._clock.now_s())

    def _send(self, command: ArmCommand) -> ArmCommand:
        if self._fault is not None:
            raise ArmFaultError(self._fault)
        if not self._energised:
            self._energise()
        if self._cycle.must_hold:
            return self._as_sent(replace(command, limited=(*command.limited, "hold:servo_silent")))
        wanted = np.append(command.q_rad, self._config.gripper_rad(command.gripper))
        self._cycle.require_reachable(wanted, self._spec)
        self._cycle.write(wanted)
        return self._as_sent(command)

    def _stop(self) -> None:
        if self._bus is None or not self._energised:
            return
        if self._fault is None or self._fault.parks:
            self._park()
        if names := self.release():
            raise DeviceError(
                f"arm {self._spec.name!r}: could not release {', '.join(names)}; it may still be energised: cut the "
                "arm's power"
            )

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.forward(q_rad).position_m

    def _energise(self) -> None:
        self._energised = True  # from here on every error path must release
        try:
            ticks = self._starter.energise()
            if self._use_watchdog:
                self._watchdog_servos = enable_watchdogs(self._starter, self._clock, ticks)
                self._report_missing_watchdogs()
        except BaseException:  # otherwise the next command would write goals, which energises released STS servos
            self._release_and_report()
            raise
        self._cycle.start(ticks)

    def _report_missing_watchdogs(self) -> None:
        missing = [self._config.name_of(servo) for servo in self._config.servos if servo not in self._watchdog_servos]
        if missing and self._starter.family.bus_watchdog and self._config.drive.bus_watchdog_s > 0.0:
            self._notify(f"the bus watchdog does not stop {', '.join(missing)}, so it is not used there")

    def _park(self) -> None:
        try:
            for _ in self.parking():
                self._clock.wait_until(self._clock.now_s() + 1.0 / PARK_RATE_HZ)
        except DeviceError as error:
            self._notify(f"not parked: {error}")

    def _release_and_report(self) -> None:
        if names := self.release():
            self._notify(f"may still be energised, cut the arm's power: {', '.join(names)}")

    def _feedback(self) -> Feedback:
        self._connected_bus()
        return self._cycle.read(self._energised)

    def _as_sent(self, command: ArmCommand) -> ArmCommand:
        n, goal_rad = self._spec.n_joints, self._cycle.goal_rad
        return replace(command, q_rad=goal_rad[:n], gripper=self._config.opening(float(goal_rad[n])))

    def _fail(self, kind: Kind, message: str) -> NoReturn:
        raise ArmFaultError(self.latch(kind, message))

    def _connected_bus(self) -> ServoBus:
        if self._bus is None:
            raise DeviceError(f"arm {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return self._bus
