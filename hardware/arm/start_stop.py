"""How servos are switched on and off. No step of it moves a joint, whatever the servos were told before.

On:  who is there and as calibrated -> settings -> pose -> goal := pose, slowly -> torque -> is it where it was?
Off: torque 0 to all in one packet, then to each by name, whatever the others answer; what still holds is said.

On STS servos the goal write itself switches the torque on, so nothing here writes a goal to a servo that is to stay
released. Torque that is on already (an arm that holds after a crash) stays on: to drop and stiffen it would be worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from hardware.arm.calibration import Calibration, JointCalibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.servo_family import GOAL, POSITION, TORQUE, ServoFamily, family_of
from hardware.bus.base import ServoBus
from hardware.bus.errors import BusError, BusLostError, NoReplyError, ServoRefusedError
from robot_wm.errors import DeviceError

CREEP_RAD_S = 0.1  # a stale goal that is not overwritten is at least not run to
_TRIES = 3


@final
@dataclass(frozen=True)
class Starter:
    """Everything that starting one arm needs."""

    bus: ServoBus
    config: SerialArmConfig
    calibration: Calibration

    @property
    def family(self) -> ServoFamily:
        """The servos' family."""
        return family_of(self.config.protocol)

    def check(self) -> None:
        """Is every servo there, in its mode, as calibrated and well? Raises DeviceError naming all that is wrong."""
        self._require_all_there()
        wrong = [words for joint in self.calibration.joints for words in self._wrong_with(joint)]
        if wrong:
            raise DeviceError(f"arm {self.config.name!r} is not started: {'; '.join(wrong)}")

    def settle(self) -> tuple[str, ...]:
        """Write the settings that differ, and the torque limits. Returns what could not be written, for people."""
        notes = []
        for servo in self.config.servos:
            if self.family.bus_watchdog:  # one that tripped takes no goals
                self.bus.write(servo, self.family.bus_watchdog, 0)
            for register, value in self.settings(servo).items():
                try:
                    if self.bus.read(servo, register) != value:
                        self.bus.write(servo, register, value)
                except ServoRefusedError:  # Dynamixel EEPROM while the torque is on
                    notes.append(f"{self.config.name_of(servo)}: {register} stays as it is while the torque is on")
        return tuple(notes)

    def settings(self, servo: int) -> dict[str, int]:
        """Register -> raw value that `servo` is to have while the arm runs."""
        drive = self.config.drive
        share = drive.gripper_torque_limit if servo == self.config.gripper.servo else drive.torque_limit
        limit = self.bus.table[self.family.torque_limit]
        return {**drive.registers, limit.name: min(limit.to_raw(share), limit.span[1])}

    def energise(self) -> dict[int, int]:
        """goal := pose, then torque; the pose in ticks by servo. Raises DeviceError, after releasing, when it moved."""
        try:
            before = self._pose()
            self._goal_is(before)
            for servo in self.config.servos:
                self.bus.write(servo, TORQUE, 1)
            after = self._pose()
            self._require_still(before, after)
        except BaseException:
            release(self.bus, self.config.servos)
            raise
        return after

    def goal_block(self, ticks: Mapping[int, int], speed_rad_s: float) -> dict[int, dict[str, int]]:
        """What one sync write sends: a goal in ticks with its speed and acceleration, by servo."""
        family, table = self.family, self.bus.table
        speed, acceleration = table[family.speed], table[family.acceleration]
        fixed = {
            **family.goal_rest,
            speed.name: max(1, min(speed.to_raw(speed_rad_s), speed.span[1])),  # 0 would mean as fast as it can
            acceleration.name: max(
                1, min(acceleration.to_raw(self.config.drive.acceleration_rad_s2), acceleration.span[1])
            ),
        }
        return {servo: {**fixed, GOAL: goal} for servo, goal in ticks.items()}

    def send(self, ticks: Mapping[int, int], speed_rad_s: float) -> None:
        """Goals by servo, in one packet. On STS servos this switches the torque on."""
        self.bus.sync_write_block(*self.family.goal, self.goal_block(ticks, speed_rad_s))

    def _require_all_there(self) -> None:
        missing = [self.config.name_of(servo) for servo in self.config.servos if not self._answers(servo)]
        if missing:
            raise DeviceError(
                f"arm {self.config.name!r}: no answer from {', '.join(missing)}; check power and cables, "
                "or look at every baud and id: robot-wm arm find"
            )

    def _answers(self, servo: int) -> bool:
        try:
            self.bus.ping(servo)
        except NoReplyError:
            return False
        return True

    def _wrong_with(self, joint: JointCalibration) -> list[str]:
        bus, family, name = self.bus, self.family, self.config.name_of(joint.servo)
        wrong = []
        offset = bus.read(joint.servo, "homing_offset")
        if offset != joint.homing_offset_ticks:
            wrong.append(
                f"{name} has the position offset {offset}, its calibration says {joint.homing_offset_ticks}; "
                "calibrate again (robot-wm arm calibrate) or use the file that belongs to this arm"
            )
        mode = bus.read(joint.servo, "operating_mode")
        if mode != family.position_mode:
            wrong.append(f"{name} is in operating mode {mode}, not position; robot-wm arm calibrate sets it")
        if family.multi_turn_bit and bus.read(joint.servo, "phase") & family.multi_turn_bit:
            wrong.append(
                f"{name} counts turns (phase bit 4), so ticks are not 0..4095; robot-wm arm calibrate clears it"
            )
        wrong += self._outside(joint, name)
        if alarm := bus.alarms.get(joint.servo, ()):
            wrong.append(f"{name} raises an alarm: {', '.join(alarm)}; switch the arm's power off and on")
        return wrong

    def _outside(self, joint: JointCalibration, name: str) -> list[str]:
        """A servo clips its goal into its own limits without a word: from outside them it would jump."""
        low, high = self.bus.read(joint.servo, "min_position"), self.bus.read(joint.servo, "max_position")
        here = self.bus.read(joint.servo, POSITION)
        if low < high and low <= here <= high:
            return []
        return [
            f"{name} stands at {here}, outside its own limits {low} to {high}; move it inside by hand, "
            "or calibrate again: robot-wm arm calibrate"
        ]

    def _pose(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for _ in range(_TRIES):
            found |= self.bus.sync_read(POSITION, [servo for servo in self.config.servos if servo not in found])
            if len(found) == len(self.config.servos):
                return found
        missing = [self.config.name_of(servo) for servo in self.config.servos if servo not in found]
        raise DeviceError(f"arm {self.config.name!r}: no position from {', '.join(missing)}; see robot-wm arm check")

    def _goal_is(self, ticks: Mapping[int, int]) -> None:
        """Write the goals and read them back: nothing acknowledges a sync write."""
        for _ in range(_TRIES):
            self.send(ticks, CREEP_RAD_S)
            if all(self.bus.read(servo, GOAL) == goal for servo, goal in ticks.items()):
                return
        raise DeviceError(f"arm {self.config.name!r}: its servos do not take a goal; see robot-wm arm check")

    def _require_still(self, before: Mapping[int, int], after: Mapping[int, int]) -> None:
        scale = self.bus.table[POSITION].scale
        for servo, ticks in after.items():
            moved_rad = abs(ticks - before[servo]) * scale
            if moved_rad > self.config.guard.start_moves_rad:
                raise DeviceError(
                    f"{self.config.name_of(servo)} moved {moved_rad:.3f} rad when its torque came on (allowed "
                    f"{self.config.guard.start_moves_rad:.3f}); released again. robot-wm arm check"
                )


def release(bus: ServoBus, servos: tuple[int, ...]) -> tuple[int, ...]:
    """Switch the torque of every servo off; those that could not be shown to be off. Never raises a bus's error."""
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
        pass  # an alarm or a lost reply: it may have obeyed all the same
    try:
        return bus.read(servo, TORQUE) == 0
    except BusError:
        return False
