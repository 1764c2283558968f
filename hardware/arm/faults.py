"""Why an arm stopped by itself. A fault is latched: nothing moves until a person has seen to it and starts anew.

docs/faults.md has a line for each kind: what it means and what to do.
"""

from dataclasses import dataclass
from enum import Enum

from robot_wm.errors import DeviceError


class Kind(Enum):
    """What happened. The value is the word in messages, logs and docs/faults.md."""

    BUS_LOST = "bus lost"
    SERVO_SILENT = "servo silent"
    UNPOWERED = "unpowered"
    SERVO_ALARM = "servo alarm"
    SERVO_RESTARTED = "servo restarted"
    JOINT_LAGS = "joint lags"
    JOINT_JUMPS = "joint jumps"
    UNHEALTHY = "unhealthy"
    FAR_GOAL = "far goal"
    EMERGENCY_STOP = "emergency stop"
    CONTROLLER_GONE = "controller gone"
    CONTROLLER_HANGS = "controller hangs"
    SUPERVISOR_GONE = "supervisor gone"


REMEDIES = {
    Kind.BUS_LOST: "plug it in again, make sure that the arm is safe, then start anew",
    Kind.SERVO_SILENT: "look at its cable and power, then: robot-wm arm check",
    Kind.UNPOWERED: "switch the arm's power on, look at the cable between adapter and first servo; then start anew",
    Kind.SERVO_ALARM: "take away what it pushes against or let it cool; switch the arm's power off and on",
    Kind.SERVO_RESTARTED: "its power dipped: a stronger supply, shorter cables; then start anew",
    Kind.JOINT_LAGS: "is something in its way, is a gear stripped, is its direction calibrated? robot-wm arm check",
    Kind.JOINT_JUMPS: "its encoder slipped or its zero was moved; calibrate again: robot-wm arm calibrate",
    Kind.UNHEALTHY: "let it cool, look at the power supply; robot-wm arm check shows the readings",
    Kind.FAR_GOAL: "this is an error in the program that commands the arm; nothing was sent",
    Kind.EMERGENCY_STOP: "when the arm is safe, start anew",
    Kind.CONTROLLER_GONE: "the arm was parked; start anew",
    Kind.CONTROLLER_HANGS: "the arm was parked; start anew",
    Kind.SUPERVISOR_GONE: "servos may still hold; run: robot-wm arm release",
}
PARKED_FIRST = frozenset({Kind.UNHEALTHY, Kind.CONTROLLER_GONE, Kind.CONTROLLER_HANGS})  # the servos still obey


@dataclass(frozen=True)
class Fault:
    """One latched fault."""

    kind: Kind
    words: str  # what was seen, with joint, servo and figures
    stamp_s: float  # on the arm's clock
    unreleased: tuple[str, ...] = ()  # servos whose torque could not be switched off

    @property
    def parks(self) -> bool:
        """Whether the arm is parked before it is released; else it is released at once."""
        return self.kind in PARKED_FIRST

    def text(self) -> str:
        """One line for a person: what, what is still energised, what to do."""
        held = f"; may still hold, cut the arm's power: {', '.join(self.unreleased)}" if self.unreleased else ""
        return f"{self.kind.value}: {self.words}{held}; {REMEDIES[self.kind]}"


class ArmFaultError(DeviceError):
    """Raised when a fault is latched, and by every command after it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text())
        self.fault = fault
