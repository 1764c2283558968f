"""Motion control of an STS servo's firmware: goal, set point, torque, protection; one step per tick.

Positions are steps of 1/4096 turn in the servo's own frame, after its homing offset. Rules that the vendor does not
document were observed on real servos or are assumed; docs/emulator.md lists them.
"""

import math

from hardware.emulator.memory import Memory
from hardware.emulator.motors import MotorCommand, MotorSpec, SensorReadings
from hardware.emulator.physics import TICK_S
from hardware.emulator.profile import Profile
from hardware.feetech.tables import AMPERE_PER_COUNT, RAD_PER_TICK, TICKS_PER_TURN

POSITION, VELOCITY, PWM, STEP = range(4)
VOLTAGE_BIT, ENCODER_BIT, HEAT_BIT, CURRENT_BIT, OVERLOAD_BIT = 1, 2, 4, 8, 32
_P_N_M_RAD = 3.75  # per unit of P, for the 2.94 N m motor
_D_N_M_S_RAD = 0.05  # per unit of D
_HEAT_HYSTERESIS_C = 5.0  # below the limit at which overheating ends
_HALF = TICKS_PER_TURN // 2
_PHASE_FAST_UNIT, _PHASE_ZERO_IS_MAX, _PHASE_FULL_ANGLE = 2, 3, 4


class FeetechMotion:
    """Goal, set point and protection of one servo."""

    def __init__(self, memory: Memory, motor: MotorSpec) -> None:
        self._memory = memory
        self._motor = motor
        self._profile = Profile()
        self.shift_steps = 0  # slip of the encoder's magnet
        self.power_up(SensorReadings(0.0, 0.0, 0.0, 0.0, motor.rated_v, 25.0))

    def power_up(self, readings: SensorReadings) -> None:
        """Reset turns and errors; the goal is the present position."""
        self.readings = readings
        self.error = 0
        self._turns = math.floor(self._raw() / TICKS_PER_TURN)
        self._torque_requested = False
        self._torque_was_on = False
        self._over_load_s = self._over_current_s = 0.0
        self._load_settings()
        self.mirror = self._step_goal = self.position()
        self._memory.set("goal_position", self.mirror)
        self._memory.set("torque_limit", self._memory.get("max_torque"))

    def position(self) -> int:
        """Return the present position in steps: (actual - offset), modulo one turn unless the servo counts turns."""
        actual = self._raw() - self._turns * TICKS_PER_TURN - self._offset
        return actual if self._counts_turns else actual % TICKS_PER_TURN

    def request_torque(self) -> None:
        """Handle a goal write: the torque comes on at the next tick."""
        self._torque_requested = True
        if self._mode == STEP:
            self._step_goal = self.position() + self._memory.get("goal_position")

    def forget_turns(self) -> None:
        """Reset the turn count."""
        self._turns = math.floor(self._raw() / TICKS_PER_TURN)
        self._profile.start(self.position())

    def release(self) -> None:
        """Handle a write of torque 0: latched errors are cleared."""
        self._torque_requested = False
        self.error &= ~(OVERLOAD_BIT | CURRENT_BIT)
        self._over_load_s = self._over_current_s = 0.0

    def centre(self) -> None:
        """Make the present position 2048 permanently."""
        offset = self._raw() % TICKS_PER_TURN - _HALF
        self._memory.store("homing_offset", max(offset, 1 - _HALF))  # -2048 cannot be encoded
        self._load_settings()
        self._profile.start(self.position())

    def tick(self, readings: SensorReadings) -> MotorCommand:
        """Execute one control tick and return the command for the motor."""
        self.readings = readings
        if self._settings != self._memory.version:
            self._load_settings()
        if self._torque_requested:
            self._torque_requested = False
            self._memory.set("torque_enable", 1)
            self._on = True
        self._protect()
        if not self._on or self._unloaded():
            self._torque_was_on = False
            return MotorCommand()
        if not self._torque_was_on:
            self._torque_was_on = True
            self._profile.start(self.position())
        return self._drive()

    @property
    def moving(self) -> bool:
        """Whether a motion is in progress (register 66)."""
        return self._torque_was_on and not self._profile.arrived(self.mirror)

    def _load_settings(self) -> None:
        get = self._memory.get
        self._settings = self._memory.version
        self._on = get("torque_enable") == 1
        self._mode = get("operating_mode")
        phase = get("phase")
        unit = 50.0 if phase >> _PHASE_FAST_UNIT & 1 == 0 else 1.0  # steps/s
        self._zero_is_max = bool(phase >> _PHASE_ZERO_IS_MAX & 1)
        self._goal, self._speed = get("goal_position"), get("goal_velocity") * unit
        self._acceleration = get("acceleration") * 100.0 or math.inf
        self._low, self._high = get("min_position"), get("max_position")
        endless = self._low == 0 == self._high or self._mode == STEP
        self._counts_turns = endless or bool(phase >> _PHASE_FULL_ANGLE & 1)
        self._offset = get("homing_offset")
        strength = self._motor.stall_n_m / 2.94
        self._gain = get("position_p") * _P_N_M_RAD * strength
        self._damping = get("position_d") * _D_N_M_S_RAD * strength
        self._limit = get("torque_limit") / 1000.0
        self._pwm = get("goal_pwm") / 1000.0
        self._mask = get("unloading_mask")
        self._protection = get("overload_torque") / 100.0, get("protection_time") * 0.01
        self._overcurrent = get("protection_current") * AMPERE_PER_COUNT, get("overcurrent_time") * 0.01
        self._volts = get("min_voltage") / 10.0, get("max_voltage") / 10.0
        self._hot_c, self._overload_limit = get("max_temperature"), get("protective_torque") / 100.0

    def _protect(self) -> None:
        readings, error = self.readings, self.error
        outside = not self._volts[0] <= readings.volts <= self._volts[1]
        error = error | VOLTAGE_BIT if outside else error & ~VOLTAGE_BIT
        if readings.temperature_c > self._hot_c:
            error |= HEAT_BIT
        elif readings.temperature_c < self._hot_c - _HEAT_HYSTERESIS_C:
            error &= ~HEAT_BIT
        self._over_load_s = self._over_load_s + TICK_S if abs(readings.duty) > self._protection[0] else 0.0
        self._over_current_s = self._over_current_s + TICK_S if abs(readings.current_a) > self._overcurrent[0] else 0.0
        if self._over_load_s > self._protection[1]:
            error |= OVERLOAD_BIT
        if self._over_current_s > self._overcurrent[1]:
            error |= CURRENT_BIT
        self.error = error

    def _unloaded(self) -> bool:
        """Return whether an error in the mask has switched the torque off; an overload only reduces it."""
        return bool(self.error & self._mask & ~OVERLOAD_BIT)

    def _drive(self) -> MotorCommand:
        limit = self._limit
        if self.error & self._mask & OVERLOAD_BIT:
            limit = min(limit, self._overload_limit)
        angle, motor = self.readings.angle_rad, self._motor
        if self._mode == VELOCITY:
            stiff = motor.stall_n_m * 2.0
            return MotorCommand(angle, 0.0, stiff, stiff * self._speed * RAD_PER_TICK, limit)
        if self._mode == PWM:
            back_emf = motor.stall_n_m / motor.no_load_rad_s
            return MotorCommand(angle, 0.0, back_emf, motor.stall_n_m * self._pwm, min(limit, abs(self._pwm)))
        here = self.position()
        self._advance_set_point()
        error_rad = (self._profile.position - here) * RAD_PER_TICK
        return MotorCommand(angle + error_rad, self._gain, self._damping, 0.0, limit)

    def _advance_set_point(self) -> None:
        """Move the set point towards the goal, silently clipped to the position limits."""
        goal = self._step_goal if self._mode == STEP else self._goal
        if not self._counts_turns:
            goal = min(max(goal, self._low), self._high)
        self.mirror = goal
        speed = abs(self._speed)
        if speed == 0.0:
            speed = math.inf if self._zero_is_max else 0.0
        self._profile.advance(goal, speed, self._acceleration, TICK_S)

    def _raw(self) -> int:
        """Return the encoder's count, including turns; joint zero is 2048."""

        return round(_HALF + self.readings.angle_rad / RAD_PER_TICK) + self.shift_steps
