"""State machine of the supervisor: follows commands while the controller is alive; otherwise holds, parks, releases.

It neither waits nor receives messages; `hardware.supervisor.loop` does. The controller sends a heartbeat every
HEARTBEAT_S from a thread, so a process that died, was suspended or hangs in native code is detected at once. A
controller whose main loop hangs is detected by its missing commands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import final

from hardware.arm import PARK_RATE_HZ, ArmFaultError, Kind, Notify, SerialArm
from hardware.checks import require_positive
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.types import ArmCommand, ArmState, ArmTarget

HEARTBEAT_S = 0.025
RETRY_S = 0.5  # between two attempts to release a servo


@dataclass(frozen=True)
class ControllerTimeouts:
    """How long the controller may be silent after its first command."""

    hold_s: float = 0.1  # without a heartbeat: the arm holds its pose until heartbeats resume
    gone_s: float = 1.0  # without a heartbeat: a fault; the arm is parked and released
    command_s: float = 2.0  # without a command, even with heartbeats: likewise

    def __post_init__(self) -> None:
        require_positive("patience", self, *(each.name for each in fields(self)))


class State(Enum):
    """State of the arm. The value is its name in status messages."""

    READY = "ready"  # energised, no command yet
    MOVING = "moving"  # follows commands
    HOLDING = "holding"  # the controller is silent
    PARKING = "parking"
    RELEASED = "released"


@final
class StateMachine:
    """Controls one connected arm."""

    def __init__(
        self, arm: SerialArm, clock: Clock, notify: Notify, timeouts: ControllerTimeouts | None = None
    ) -> None:
        """Take a connected arm.

        Args:
            arm: energised.
            clock: the arm's clock.
            notify: receives messages for people.
            timeouts: of the controller.
        """
        self._arm, self._clock, self._notify = arm, clock, notify
        self._timeouts = timeouts or ControllerTimeouts()
        self._state = State.READY
        self._parking: Iterator[None] | None = None
        self._step_due_s = 0.0
        self._heartbeat_s = self._command_s = clock.now_s()
        self.holds = 0  # number of times the controller fell silent for a moment
        self.hold_after_s: float | None = None  # time from the last heartbeat until the newest hold was sent
        self.unreleased: tuple[str, ...] = ()  # names of servos that may still be energised
        self._ended = ""  # why commands are no longer accepted

    @property
    def state(self) -> State:
        """State of the arm."""
        return self._state

    def heartbeat(self) -> None:
        """Record a sign of life of the controller."""
        self._heartbeat_s = self._clock.now_s()

    def read(self) -> ArmState:
        """Read the arm. Raises DeviceError."""
        self.heartbeat()
        try:
            return self._arm.read()
        except ArmFaultError:
            self._after_fault()
            raise

    def command(self, target: ArmTarget) -> ArmCommand:
        """Limit and send a target; return what was sent.

        Raises:
            ArmFaultError: while a fault is latched.
            DeviceError: while the arm is parking, or after a final parking.
        """
        self.heartbeat()
        if self._arm.fault is not None:
            raise ArmFaultError(self._arm.fault)
        if self._state is State.PARKING:
            raise DeviceError("the arm is being parked; wait until it is released")
        if self._ended:
            raise DeviceError(f"{self._ended}; restart")
        self._command_s = self._heartbeat_s
        try:
            sent = self._arm.command(target)
        except ArmFaultError:
            self._after_fault()
            raise
        self._state = State.MOVING
        return sent

    def park(self, final_reason: str = "") -> None:
        """Start to park and then release; has no effect while released.

        Args:
            final_reason: if given, no later command energises the arm again; the reason is part of the error.
        """
        self._ended = self._ended or final_reason
        if self._state not in (State.PARKING, State.RELEASED):
            self._state, self._step_due_s = State.PARKING, self._clock.now_s()
            self._parking = self._arm.parking()

    def emergency_stop(self, why: str) -> None:
        """Release every servo now, including those that an earlier release left on, and latch the fault."""
        self._arm.latch(Kind.EMERGENCY_STOP, why)
        self._release()

    def controller_gone(self, why: str) -> None:
        """Handle an unexpected disconnection of the controller: hold, then park and release."""
        if self._state in (State.MOVING, State.HOLDING):
            try:
                self._hold()
            except DeviceError as error:
                self._notify(str(error))
                self._after_fault()
            self._latch(Kind.CONTROLLER_GONE, why)
        self.park()

    def cycle(self) -> None:
        """Check the controller, read the arm and continue parking; call it 50 times a second. Raises no DeviceError."""
        try:
            self._check_controller()
            if self._state is State.PARKING:
                self._continue_parking()
            elif self._state is not State.RELEASED:
                self._arm.read()
            elif self.unreleased and self._clock.now_s() >= self._step_due_s:
                self._release_again()
        except DeviceError as error:
            self._notify(str(error))
            self._after_fault()

    def status(self) -> dict[str, object]:
        """Return state, fault and counters, for people and programs."""
        fault = self._arm.fault
        return {
            "state": self._state.value,
            "fault": None if fault is None else fault.text(),
            "kind": None if fault is None else fault.kind.value,
            "energised": self._arm.energised,
            "unreleased": list(self.unreleased),
            "parked": self._arm.parked,
            "holds": self.holds,
            "hold_after_s": self.hold_after_s,
        }

    def _check_controller(self) -> None:
        if self._state not in (State.MOVING, State.HOLDING):
            return
        now_s, timeouts = self._clock.now_s(), self._timeouts
        if now_s - self._heartbeat_s > timeouts.gone_s:
            self._latch(Kind.CONTROLLER_HANGS, f"no heartbeat for {now_s - self._heartbeat_s:.2f} s")
            self.park()
        elif now_s - self._command_s > timeouts.command_s:
            self._hold()
            self._latch(
                Kind.CONTROLLER_HANGS,
                f"no command for {now_s - self._command_s:.1f} s, although its heartbeat continues",
            )
            self.park()
        elif now_s - self._heartbeat_s > timeouts.hold_s and self._state is State.MOVING:
            self.holds += 1
            self._hold()

    def _hold(self) -> None:
        self._arm.hold()
        self.hold_after_s = self._clock.now_s() - self._heartbeat_s
        self._state = State.HOLDING

    def _latch(self, kind: Kind, message: str) -> None:
        self._notify(self._arm.latch(kind, message).text())

    def _continue_parking(self) -> None:
        if self._parking is None or self._clock.now_s() < self._step_due_s:
            return
        self._step_due_s += 1.0 / PARK_RATE_HZ
        try:
            next(self._parking)
        except StopIteration:
            self._release()

    def _after_fault(self) -> None:
        """Park after a fault that leaves the servos working; after any other the arm is released already."""
        fault = self._arm.fault
        if fault is not None and fault.parks and self._state is not State.PARKING:
            self.park()
        elif fault is not None or self._state is State.PARKING:
            self._release()

    def _release(self) -> None:
        if self._arm.energised or self._arm.unreleased:
            self._arm.release()
        self.unreleased = self._arm.unreleased
        self._state, self._parking, self._step_due_s = State.RELEASED, None, self._clock.now_s() + RETRY_S
        if self.unreleased:
            self._notify(f"may still be energised, cut the arm's power: {', '.join(self.unreleased)}")

    def _release_again(self) -> None:
        self.unreleased = self._arm.release()
        self._step_due_s = self._clock.now_s() + RETRY_S
        if not self.unreleased:
            self._notify("the remaining servos are released now")
