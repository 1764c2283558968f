"""The `Arm` seam over servos on a serial bus: radians outside, ticks inside, one sync read and one sync write a cycle.

Start: read the pose, goal := pose, torque, then from rest as the limits allow. Stop: park, then release. What goes
wrong in between is latched as a fault (`hardware.arm.faults`): commands are refused until it is connected anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NoReturn

import numpy as np

from hardware.arm.bus_watchdog import arm_watchdogs
from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig, arm_spec
from hardware.arm.faults import ArmFaultError, Fault, Kind
from hardware.arm.feedback import Feedback, FeedbackReader
from hardware.arm.guards import Guards
from hardware.arm.health_monitor import HealthMonitor
from hardware.arm.start_stop import Starter, release
from hardware.bus.base import ServoBus
from hardware.bus.counters import Counters
from hardware.bus.errors import BusError
from robot_wm.arm import Arm
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats

PARK_RATE_HZ = 20.0
_PARKED_RAD = 0.05
_ARRIVAL_S = 0.5  # that servos are given to arrive at the last step

OpenBus = Callable[[], ServoBus]  # raises DeviceError
Notify = Callable[[str], None]


def _silent(words: str) -> None:
    pass


class SerialArm(Arm):
    """One arm. Not thread-safe: whoever owns the port is its only user."""

    def __init__(
        self,
        config: SerialArmConfig,
        calibration: Calibration,
        open_bus: OpenBus,
        clock: Clock,
        spec: ArmSpec | None = None,
        tell: Notify = _silent,
        watchdog: bool = False,
    ) -> None:
        """`spec`: instead of the one that follows from configuration and calibration. `tell`: warnings for people.

        `watchdog`: use the servos' own, where they have one that works; for owners that speak 20 times a second.
        """
        self._config, self._calibration = config, calibration
        self._spec = arm_spec(config, calibration) if spec is None else spec
        self._kinematics = Kinematics(self._spec)
        self._open_bus, self._clock, self._tell, self._watchdog = open_bus, clock, tell, watchdog
        self._watched: tuple[int, ...] = ()
        self._bus: ServoBus | None = None
        self._energised = False
        self._unreleased: tuple[str, ...] = ()
        self._parked = False
        self._fault: Fault | None = None
        self._goal_rad = np.zeros(len(config.all_joints))  # (n + 1,) that the servos were sent last, gripper last

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    @property
    def fault(self) -> Fault | None:
        """What is latched; connecting anew clears it."""
        return self._fault

    @property
    def energised(self) -> bool:
        """Whether its servos hold, as far as is known."""
        return self._energised

    @property
    def watched(self) -> tuple[int, ...]:
        """Servos that stop by themselves when the bus falls silent."""
        return self._watched

    @property
    def unreleased(self) -> tuple[str, ...]:
        """Servos that may still hold after the last release."""
        return self._unreleased

    @property
    def parked(self) -> bool:
        """Whether the last parking came to the rest pose before its time was up."""
        return self._parked

    @property
    def counters(self) -> Counters:
        """The bus's, since connecting. Raises DeviceError when not connected."""
        return self._connected_bus().counters

    def hold(self) -> None:
        """goal := pose, at once: the arm stays where it is, and goes on gripping what it grips. Raises DeviceError.

        The next command starts from there.
        """
        if self._fault is None and self._energised:
            self._stopped = True  # the limits start afresh
            stay = self._settled(self._feedback(), 0.0)
            stay[-1] = self._goal_rad[-1]
            self._send_angles(stay)

    def latch(self, kind: Kind, words: str) -> Fault:
        """Latch a fault, the first one wins; unless it is one that parks, release every servo now."""
        fault = Fault(kind, words, self._clock.now_s())
        if self._fault is None:
            self._fault = fault
        if self._energised and not fault.parks:
            self._let_go()
        return self._fault

    def parking(self) -> Iterator[None]:
        """Steps slowly to the rest pose, gripper as it is; wait 1 / PARK_RATE_HZ between them. Raises DeviceError."""
        guard = self._config.guard
        self._parked = False
        start = self._settled(self._feedback(), guard.lag_rad)
        away_rad = np.append(self._spec.q_rest_rad, start[-1]) - start
        steps = int(np.ceil(np.abs(away_rad).max() * PARK_RATE_HZ / guard.park_speed_rad_s))
        if np.abs(away_rad).max() < _PARKED_RAD:
            self._parked = True
            return
        for step in range(1, min(steps, int(guard.park_s * PARK_RATE_HZ)) + 1):
            self._send_angles(start + away_rad * step / steps)
            yield
            if not self._energised:
                return
            self._feedback()
        for _ in range(int(_ARRIVAL_S * PARK_RATE_HZ)):
            if np.abs(self._angles(self._feedback()) - self._goal_rad).max() < _PARKED_RAD:
                self._parked = bool(np.abs(self._goal_rad[:-1] - self._spec.q_rest_rad).max() < _PARKED_RAD)
                return
            yield

    def release(self) -> tuple[str, ...]:
        """Switch every torque off now; names of the servos that may still hold."""
        return self._let_go()

    def _connect(self) -> None:
        self._bus = self._open_bus()
        self._fault = None
        try:
            starter = Starter(self._bus, self._config, self._calibration)
            starter.check()
            self._starter = starter
            self._reader = FeedbackReader(self._bus, starter.family, self._config.servos)
            self._guards = Guards(self._config, self._calibration)
            self._wellbeing = HealthMonitor(starter, self._config.health)
            for note in starter.settle():
                self._tell(note)
            self._energise()
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._bus is not None:
            bus = self._bus
            if self._energised:
                self._let_go_aloud()
            self._bus = None
            bus.close()

    def _read(self) -> ArmState:
        feedback = self._feedback()
        self._look_after(feedback)
        n = self._spec.n_joints
        angles = self._angles(feedback)
        speeds = self._calibration.speeds_rad_s(feedback.speed_rad_s)
        opening = self._config.opening(float(angles[n]))
        return ArmState(angles[:n], speeds[:n], None, opening, self._clock.now_s())

    def _send(self, command: ArmCommand) -> ArmCommand:
        if self._fault is not None:
            raise ArmFaultError(self._fault)
        if not self._energised:
            self._energise()
        if self._silent or self._wellbeing.doubted:  # a goal wakes an STS servo that was restarted
            return self._as_sent(replace(command, limited=(*command.limited, "hold:servo_silent")))
        wanted = np.append(command.q_rad, self._config.gripper_rad(command.gripper))
        if far := self._guards.too_far(wanted, self._goal_rad, self._spec):
            self._fail(Kind.FAR_GOAL, far)
        self._send_angles(wanted)
        return self._as_sent(command)

    def _stop(self) -> None:
        if self._bus is None or not self._energised:
            return
        if self._fault is None or self._fault.parks:
            self._park()
        held = self._let_go()
        if held:
            raise DeviceError(
                f"arm {self._spec.name!r}: could not release {', '.join(held)}; it may still hold: cut the arm's power"
            )

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.forward(q_rad).position_m

    def _energise(self) -> None:
        self._energised = True  # from here on a way out has to release
        try:
            ticks = self._starter.energise()
            if self._watchdog:
                self._watched = arm_watchdogs(self._starter, self._clock, ticks)
                self._tell_unwatched()
        except BaseException:  # else the next command would write goals to released servos, which wakes STS ones
            self._let_go_aloud()
            raise
        self._goal_rad = self._calibration.angles_rad(ticks)
        self._silent: tuple[int, ...] = ()
        self._guards.start(self._goal_rad)

    def _tell_unwatched(self) -> None:
        unwatched = [self._config.name_of(servo) for servo in self._config.servos if servo not in self._watched]
        if unwatched and self._starter.family.bus_watchdog and self._config.drive.bus_watchdog_s > 0.0:
            self._tell(f"the bus watchdog does not stop {', '.join(unwatched)}, so it is not used there")

    def _park(self) -> None:
        try:
            for _ in self.parking():
                self._clock.wait_until(self._clock.now_s() + 1.0 / PARK_RATE_HZ)
        except DeviceError as error:
            self._tell(f"not parked: {error}")

    def _let_go_aloud(self) -> None:
        if held := self._let_go():
            self._tell(f"may still hold, cut the arm's power: {', '.join(held)}")

    def _let_go(self) -> tuple[str, ...]:
        held = release(self._connected_bus(), self._config.servos)
        names = tuple(self._config.name_of(servo) for servo in held)
        self._energised, self._stopped, self._unreleased = False, True, names  # it may sink: the limits start afresh
        if self._fault is not None:
            self._fault = replace(self._fault, unreleased=names)
        return names

    def _feedback(self) -> Feedback:
        bus = self._connected_bus()
        try:
            feedback = self._reader.read()
        except BusError as error:
            self._fail(Kind.BUS_LOST, str(error))
        self._silent = tuple(feedback.silent)
        if self._energised:
            self._check(feedback, bus)
        return feedback

    def _check(self, feedback: Feedback, bus: ServoBus) -> None:
        """Latch what one cycle's reading shows to be wrong."""
        alarms = {servo: words for servo in self._config.servos if (words := bus.alarms.get(servo))}
        if alarms:
            words = "; ".join(f"{self._config.name_of(servo)}: {', '.join(why)}" for servo, why in alarms.items())
            self._fail(Kind.SERVO_ALARM, words)
        found = self._guards.watch(feedback, self._clock.now_s())
        if found is not None:
            self._fail(*found)

    def _look_after(self, feedback: Feedback) -> None:
        """Health and settings, every now and then."""
        if not self._energised or self._fault is not None:
            return
        try:
            found = self._wellbeing.look(feedback, self._clock.now_s(), self._tell)
        except BusError as error:
            if self._connected_bus().lost:
                self._fail(Kind.BUS_LOST, str(error))
            return  # a lost reply; the next look comes soon
        if found is not None:
            self._fail(*found)

    def _send_angles(self, angles_rad: Floats) -> None:
        goals = self._calibration.goals(angles_rad)
        try:
            self._starter.send(goals, self._config.drive.speed_rad_s)
        except BusError as error:
            self._fail(Kind.BUS_LOST, str(error))
        self._goal_rad = self._calibration.angles_rad(goals)
        self._guards.goal(self._goal_rad)

    def _as_sent(self, command: ArmCommand) -> ArmCommand:
        n = self._spec.n_joints
        return replace(command, q_rad=self._goal_rad[:n], gripper=self._config.opening(float(self._goal_rad[n])))

    def _settled(self, feedback: Feedback, near_rad: float) -> Floats:
        """Where to stay, (n + 1,): at the pose; at the goal for joints that are near it, or whose pose is not known."""
        pose = self._angles(feedback)
        silent = np.array([servo in feedback.silent for servo in self._config.servos])
        return np.where(silent | (np.abs(pose - self._goal_rad) < near_rad), self._goal_rad, pose)

    def _angles(self, feedback: Feedback) -> Floats:
        if self._reader.unheard:
            names = ", ".join(self._config.name_of(servo) for servo in self._reader.unheard)
            raise DeviceError(f"arm {self._spec.name!r}: no reading yet from {names}; see robot-wm arm check")
        return self._calibration.angles_rad(feedback.ticks)

    def _fail(self, kind: Kind, words: str) -> NoReturn:
        raise ArmFaultError(self.latch(kind, words))

    def _connected_bus(self) -> ServoBus:
        if self._bus is None:
            raise DeviceError(f"arm {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return self._bus
