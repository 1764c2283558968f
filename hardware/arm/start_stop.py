"""Switches the torque of all servos on and off without moving a joint, whatever goals the servos hold.

On:  check presence and calibration, write settings, write the pose as goal, torque on, check that nothing moved.
Off: torque 0 to all servos in one packet, then to each servo with read-back, whatever the others answer.

On STS servos a goal write also switches the torque on. Torque that is already on (an arm that holds after a crash)
stays on: releasing and re-energising it would let the arm drop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import final

from hardware.arm.calibration import Calibration, JointCalibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.goals import GoalWriter
from hardware.arm.servo_family import GOAL, POSITION, TORQUE, ServoFamily, family_of
from hardware.bus import BusError, BusLostError, NoReplyError, ServoBus, ServoRefusedError
from robot_wm.errors import DeviceError

CREEP_RAD_S = 0.1  # limits the motion to an old goal if overwriting it fails
_TRIES = 3


@final
@dataclass(frozen=True)
class Starter:
    """Starts the servos of one arm."""

    bus: ServoBus
    config: SerialArmConfig
    calibration: Calibration

    @property
    def family(self) -> ServoFamily:
        """Family of the servos."""
        return family_of(self.config.protocol)

    @cached_property
    def goals(self) -> GoalWriter:
        """Writer of goals to these servos."""
        return GoalWriter(self.bus, self.config.protocol, self.config.drive.acceleration_rad_s2)

    def check(self) -> None:
        """Require every servo to answer, in position mode, as calibrated and without alarms.

        Raises:
            DeviceError: naming everything that is wrong.
        """
        self._require_all_answer()
        problems = [problem for joint in self.calibration.joints for problem in self._problems(joint)]
        if problems:
            raise DeviceError(f"arm {self.config.name!r} is not started: {'; '.join(problems)}")

    def apply_settings(self) -> tuple[str, ...]:
        """Write the settings that differ, and the torque limits. Returns a note for each that could not be written."""
        notes = []
        for servo in self.config.servos:
            if self.family.bus_watchdog:  # a servo with a tripped watchdog accepts no goals
                self.bus.write(servo, self.family.bus_watchdog, 0)
            for register, value in self.settings(servo).items():
                try:
                    if self.bus.read(servo, register) != value:
                        self.bus.write(servo, register, value)
                except ServoRefusedError:  # Dynamixel EEPROM while the torque is on
                    notes.append(f"{self.config.name_of(servo)}: {register} cannot be changed while the torque is on")
        return tuple(notes)

    def settings(self, servo: int) -> dict[str, int]:
        """Return the raw value of each register that `servo` must have while the arm runs."""
        drive = self.config.drive
        share = drive.gripper_torque_limit if servo == self.config.gripper.servo else drive.torque_limit
        limit = self.bus.table[self.family.torque_limit]
        return {**drive.registers, limit.name: min(limit.to_raw(share), limit.span[1])}

    def energise(self) -> dict[int, int]:
        """Write the pose as goal, then switch the torque on.

        Returns:
            The pose in ticks by servo.

        Raises:
            DeviceError: when a servo does not obey or moves; the servos are then released.
        """
        try:
            before = self._pose()
            self._write_goals(before)
            for servo in self.config.servos:
                self.bus.write(servo, TORQUE, 1)
            after = self._pose()
            self._require_still(before, after)
        except BaseException:
            release(self.bus, self.config.servos)
            raise
        return after

    def _require_all_answer(self) -> None:
        missing = [self.config.name_of(servo) for servo in self.config.servos if not self._answers(servo)]
        if missing:
            raise DeviceError(
                f"arm {self.config.name!r}: no answer from {', '.join(missing)}; check power and cables, "
                "or scan every baud rate and id: robot-wm arm find"
            )

    def _answers(self, servo: int) -> bool:
        try:
            self.bus.ping(servo)
        except NoReplyError:
            return False
        return True

    def _problems(self, joint: JointCalibration) -> list[str]:
        bus, family, name = self.bus, self.family, self.config.name_of(joint.servo)
        problems = []
        offset = bus.read(joint.servo, "homing_offset")
        if offset != joint.homing_offset_ticks:
            problems.append(
                f"{name} has the position offset {offset}, its calibration says {joint.homing_offset_ticks}; "
                "calibrate again (robot-wm arm calibrate) or use this arm's own file"
            )
        mode = bus.read(joint.servo, "operating_mode")
        if mode != family.position_mode:
            problems.append(f"{name} is in operating mode {mode}, not position; robot-wm arm calibrate sets it")
        if family.multi_turn_bit and bus.read(joint.servo, "phase") & family.multi_turn_bit:
            problems.append(
                f"{name} counts turns (phase bit 4), so ticks are not 0..4095; robot-wm arm calibrate clears it"
            )
        problems += self._limit_problems(joint, name)
        if alarm := bus.alarms.get(joint.servo, ()):
            problems.append(f"{name} raises an alarm: {', '.join(alarm)}; switch the arm's power off and on")
        return problems

    def _limit_problems(self, joint: JointCalibration, name: str) -> list[str]:
        """Require the servo to stand inside its own limits: it clips goals silently, so from outside it would jump."""
        low, high = self.bus.read(joint.servo, "min_position"), self.bus.read(joint.servo, "max_position")
        here = self.bus.read(joint.servo, POSITION)
        if low < high and low <= here <= high:
            return []
        return [
            f"{name} is at {here}, outside its own limits {low} to {high}; move it inside by hand, "
            "or calibrate again: robot-wm arm calibrate"
        ]

    def _pose(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for _ in range(_TRIES):
            found |= self.bus.sync_read(POSITION, [servo for servo in self.config.servos if servo not in found])
            if len(found) == len(self.config.servos):
                return found
        missing = [self.config.name_of(servo) for servo in self.config.servos if servo not in found]
        raise DeviceError(f"arm {self.config.name!r}: no position from {', '.join(missing)}; run: robot-wm arm check")

    def _write_goals(self, ticks: Mapping[int, int]) -> None:
        """Write the goals and read them back: a sync write is not acknowledged."""
        for _ in range(_TRIES):
            self.goals.write(ticks, CREEP_RAD_S)
            if all(self.bus.read(servo, GOAL) == goal for servo, goal in ticks.items()):
                return
        raise DeviceError(f"arm {self.config.name!r}: its servos do not accept a goal; run: robot-wm arm check")

    def _require_still(self, before: Mapping[int, int], after: Mapping[int, int]) -> None:
        scale = self.bus.table[POSITION].scale
        for servo, ticks in after.items():
            moved_rad = abs(ticks - before[servo]) * scale
            if moved_rad > self.config.guard.start_moves_rad:
                raise DeviceError(
                    f"{self.config.name_of(servo)} moved {moved_rad:.3f} rad when its torque came on (allowed "
                    f"{self.config.guard.start_moves_rad:.3f}); released again. Run: robot-wm arm check"
                )


def release(bus: ServoBus, servos: tuple[int, ...]) -> tuple[int, ...]:
    """Switch the torque of every servo off.

    Returns:
        The servos that could not be confirmed to be off. Never raises BusError.
    """
    try:
        bus.sync_write(TORQUE, dict.fromkeys(servos, 0))
    except BusError:
        if bus.lost:
            return servos
    held = tuple(servo for servo in servos if not _released(bus, servo))
    return tuple(servo for servo in held if not _released(bus, servo))


def _released(bus: ServoBus, servo: int) -> bool:
    """Write torque 0 and read it back."""
    try:
        bus.write(servo, TORQUE, 0)
    except BusLostError:
        return False
    except BusError:
        pass  # an alarm or a lost reply: the servo may have obeyed

    try:
        return bus.read(servo, TORQUE) == 0
    except BusError:
        return False
