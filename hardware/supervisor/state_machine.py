"""What the supervisor does with the arm: follow commands while the controller lives, else hold, park, release.

Told of time and of messages, it neither waits nor listens; `hardware.supervisor.process` does. The controller beats
every BEAT_S from a thread of its own, so a process that is dead, stopped or stuck in native code falls silent at once,
and one whose main loop hangs is noticed by its commands, which stay away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import final

from hardware.arm.faults import ArmFaultError, Kind
from hardware.arm.serial_arm import PARK_RATE_HZ, Notify, SerialArm
from hardware.checks import require_positive
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.types import ArmCommand, ArmState, ArmTarget

BEAT_S = 0.025
AGAIN_S = 0.5  # between two tries to release what still holds


@dataclass(frozen=True)
class ControllerTimeouts:
    """How long the controller may be silent, once it has begun to command."""

    hold_s: float = 0.1  # without a beat: the arm holds where it is; beats again, and it goes on
    gone_s: float = 1.0  # without a beat: a fault, parked and released
    command_s: float = 2.0  # without a command, beats or not: likewise

    def __post_init__(self) -> None:
        require_positive("patience", self, *(each.name for each in fields(self)))


class State(Enum):
    """Where the arm is in its day."""

    READY = "ready"  # holds; no command yet
    MOVING = "moving"
    HOLDING = "holding"  # the controller is silent
    PARKING = "parking"
    RELEASED = "released"


@final
class StateMachine:
    """Around one connected arm."""

    def __init__(self, arm: SerialArm, clock: Clock, tell: Notify, patience: ControllerTimeouts | None = None) -> None:
        self._arm, self._clock, self._tell = arm, clock, tell
        self._patience = patience or ControllerTimeouts()
        self._state = State.READY
        self._parking: Iterator[None] | None = None
        self._step_due_s = 0.0
        self._beat_s = self._command_s = clock.now_s()
        self.holds = 0  # how often the controller fell silent for a moment
        self.hold_after_s: float | None = None  # from the last sign of life to the newest hold, sent
        self.unreleased: tuple[str, ...] = ()
        self._ended = ""  # why no command is taken any more

    @property
    def state(self) -> State:
        """Where the arm is in its day."""
        return self._state

    def beat(self) -> None:
        """The controller lives."""
        self._beat_s = self._clock.now_s()

    def read(self) -> ArmState:
        """What the arm measures now. Raises DeviceError."""
        self.beat()
        try:
            return self._arm.read()
        except ArmFaultError:
            self._after_fault()
            raise

    def command(self, target: ArmTarget) -> ArmCommand:
        """Limit, send, return what was sent. Raises ArmFaultError while a fault is latched."""
        self.beat()
        if self._arm.fault is not None:
            raise ArmFaultError(self._arm.fault)
        if self._state is State.PARKING:
            raise DeviceError("the arm is being parked; wait until it is released")
        if self._ended:
            raise DeviceError(f"{self._ended}; start anew")
        self._command_s = self._beat_s
        try:
            sent = self._arm.command(target)
        except ArmFaultError:
            self._after_fault()
            raise
        self._state = State.MOVING
        return sent

    def park(self, for_good: str = "") -> None:
        """Begin to park; the release follows. Once released there is nothing to do.

        `for_good`: why no command may take the arm up again, not even one that comes right after the release.
        """
        self._ended = self._ended or for_good
        if self._state not in (State.PARKING, State.RELEASED):
            self._state, self._step_due_s = State.PARKING, self._clock.now_s()
            self._parking = self._arm.parking()

    def emergency_stop(self, why: str) -> None:
        """Release every servo now, those too that an earlier release left on, and latch it."""
        self._arm.latch(Kind.EMERGENCY_STOP, why)
        self._let_go()

    def controller_gone(self, why: str) -> None:
        """The controller hung up without a word: hold, then park and release."""
        if self._state in (State.MOVING, State.HOLDING):
            try:
                self._hold()
            except DeviceError as error:
                self._tell(str(error))
                self._after_fault()
            self._latch(Kind.CONTROLLER_GONE, why)
        self.park()

    def cycle(self) -> None:
        """Look after the arm; to be called every few hundredths of a second. Never raises a device's error."""
        try:
            self._mind_controller()
            if self._state is State.PARKING:
                self._park_on()
            elif self._state is not State.RELEASED:
                self._arm.read()
            elif self.unreleased and self._clock.now_s() >= self._step_due_s:
                self._release_again()
        except DeviceError as error:
            self._tell(str(error))
            self._after_fault()

    def status(self) -> dict[str, object]:
        """For people and programs."""
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

    def _mind_controller(self) -> None:
        if self._state not in (State.MOVING, State.HOLDING):
            return
        now_s, patience = self._clock.now_s(), self._patience
        if now_s - self._beat_s > patience.gone_s:
            self._latch(Kind.CONTROLLER_HANGS, f"no sign of life for {now_s - self._beat_s:.2f} s")
            self.park()
        elif now_s - self._command_s > patience.command_s:
            self._hold()
            self._latch(Kind.CONTROLLER_HANGS, f"no command for {now_s - self._command_s:.1f} s, though it lives")
            self.park()
        elif now_s - self._beat_s > patience.hold_s and self._state is State.MOVING:
            self.holds += 1
            self._hold()

    def _hold(self) -> None:
        self._arm.hold()
        self.hold_after_s = self._clock.now_s() - self._beat_s
        self._state = State.HOLDING

    def _latch(self, kind: Kind, words: str) -> None:
        self._tell(self._arm.latch(kind, words).text())

    def _park_on(self) -> None:
        if self._parking is None or self._clock.now_s() < self._step_due_s:
            return
        self._step_due_s += 1.0 / PARK_RATE_HZ
        try:
            next(self._parking)
        except StopIteration:
            self._let_go()

    def _after_fault(self) -> None:
        """A fault that leaves the servos obedient is parked out; after any other they are released already."""
        fault = self._arm.fault
        if fault is not None and fault.parks and self._state is not State.PARKING:
            self.park()
        elif fault is not None or self._state is State.PARKING:
            self._let_go()

    def _let_go(self) -> None:
        if self._arm.energised or self._arm.unreleased:
            self._arm.release()
        self.unreleased = self._arm.unreleased
        self._state, self._parking, self._step_due_s = State.RELEASED, None, self._clock.now_s() + AGAIN_S
        if self.unreleased:
            self._tell(f"may still hold, cut the arm's power: {', '.join(self.unreleased)}")

    def _release_again(self) -> None:
        self.unreleased = self._arm.release()
        self._step_due_s = self._clock.now_s() + AGAIN_S
        if not self.unreleased:
            self._tell("released now: what held before")
