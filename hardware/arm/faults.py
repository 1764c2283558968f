"""Faults that stop an arm. A fault is latched: the arm does not move until a person has dealt with it and restarts.

docs/faults.md describes each kind and what to do.
"""

from dataclasses import dataclass
from enum import Enum

from robot_wm.errors import DeviceError


class Kind(Enum):
    """Kind of fault. The value is its name in messages, logs and docs/faults.md."""

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
    Kind.BUS_LOST: "plug it in again, make sure that the arm is safe, then restart",
    Kind.SERVO_SILENT: "check its cable and power, then run: robot-wm arm check",
    Kind.UNPOWERED: "switch the arm's power on, check the cable between adapter and first servo; then restart",
    Kind.SERVO_ALARM: "remove what it pushes against or let it cool; switch the arm's power off and on",
    Kind.SERVO_RESTARTED: "its supply voltage dropped: use a stronger supply or shorter cables; then restart",
    Kind.JOINT_LAGS: "is it blocked, is a gear stripped, is its direction right? Run: robot-wm arm check",
    Kind.JOINT_JUMPS: "its encoder slipped or its zero changed; calibrate again: robot-wm arm calibrate",
    Kind.UNHEALTHY: "let it cool and check the power supply; robot-wm arm check shows the readings",
    Kind.FAR_GOAL: "this is a bug in the program that commands the arm; nothing was sent",
    Kind.EMERGENCY_STOP: "when the arm is safe, restart",
    Kind.CONTROLLER_GONE: "the arm was parked; restart",
    Kind.CONTROLLER_HANGS: "the arm was parked; restart",
    Kind.SUPERVISOR_GONE: "servos may still be energised; run: robot-wm arm release",
}
PARKED_FIRST = frozenset({Kind.UNHEALTHY, Kind.CONTROLLER_GONE, Kind.CONTROLLER_HANGS})  # servos still work


@dataclass(frozen=True)
class Fault:
    """One latched fault."""

    kind: Kind
    message: str  # what was observed, with joint, servo and values
    stamp_s: float  # on the arm's clock
    unreleased: tuple[str, ...] = ()  # names of servos whose torque could not be switched off

    @property
    def parks(self) -> bool:
        """Whether the arm is parked before it is released; otherwise it is released at once."""
        return self.kind in PARKED_FIRST

    def text(self) -> str:
        """Return one line: what happened, which servos may still be energised, what to do."""
        held = ""
        if self.unreleased:
            held = f"; may still be energised, cut the arm's power: {', '.join(self.unreleased)}"
        return f"{self.kind.value}: {self.message}{held}; {REMEDIES[self.kind]}"


class ArmFaultError(DeviceError):
    """A fault was latched; also raised by every later command."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text())
        self.fault = fault
