"""Motion control of an X-series servo's firmware: modes, profiles, torque, shutdown; one step per tick.

Positions are pulses of 1/4096 turn. Rules are from the ROBOTIS e-Manual; docs/emulator.md lists what is assumed.
"""

import math

from hardware.dynamixel.tables import RAD_PER_TICK, RAD_S_PER_COUNT, TICKS_PER_TURN
from hardware.emulator.memory import Memory
from hardware.emulator.motors import MotorCommand, MotorSpec, SensorReadings
from hardware.emulator.physics import TICK_S
from hardware.emulator.profile import Profile

CURRENT, VELOCITY, POSITION, EXTENDED, CURRENT_POSITION, PWM = 0, 1, 3, 4, 5, 16
VOLTAGE_BIT, HEAT_BIT, ENCODER_BIT, SHOCK_BIT, OVERLOAD_BIT = 1, 4, 8, 16, 32
_HALF = TICKS_PER_TURN // 2
_PWM_FULL = 885
_PULSES_S = RAD_S_PER_COUNT / RAD_PER_TICK  # pulses/s of one count of velocity
_PULSES_S2 = 0.3745 / RAD_PER_TICK  # of one count of profile acceleration
_OVERLOAD_DUTY, _OVERLOAD_S = 0.9, 2.0  # share of the PWM limit and its duration (assumed)
_MAX_OFFSET = 1024  # in position mode the homing offset is clipped to this
REVERSE, TIME_BASED, WAKE_ON_GOAL = 1, 4, 8  # drive mode


class DynamixelMotion:
    """Goal, set point and shutdown of one servo."""

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
        self._overload_s = 0.0
        self._turns = 0
        self._torque_was_on = False
        self._load_settings()
        self.forget_turns()
        self._memory.set("goal_position", self.position())

    def position(self) -> int:
        """Return the present position in pulses, including the homing offset."""
        pulses = self._raw() - self._turns * TICKS_PER_TURN
        return (TICKS_PER_TURN - pulses if self._reversed else pulses) + self._offset

    def forget_turns(self) -> None:
        """Reset the turn count."""
        self._turns = math.floor(self._raw() / TICKS_PER_TURN)

    def halt(self) -> None:
        """Stop at the present position, as a bus watchdog does."""
        self._memory.set("goal_velocity", 0)
        self._memory.set("goal_position", self.position())
        for mode, name in ((PWM, "goal_pwm"), (CURRENT, "goal_current")):
            if self._mode == mode:
                self._memory.set(name, 0)
        self._load_settings()
        self._profile.start(self.position())

    def tick(self, readings: SensorReadings) -> MotorCommand:
        """Execute one control tick and return the command for the motor."""
        self.readings = readings
        if self._settings != self._memory.version:
            self._load_settings()
        self._check_errors()
        if self.error & self._shutdown:
            self._memory.set("torque_enable", 0)
            self._on = False
        if not self._on:
            self._torque_was_on = False
            return MotorCommand()
        if not self._torque_was_on:
            self._torque_was_on = True
            self._profile.start(self.position())
        return self._drive()

    @property
    def moving(self) -> bool:
        """Whether the speed exceeds the moving threshold (register 122)."""
        return abs(self.readings.speed_rad_s) / RAD_S_PER_COUNT > self._memory.get("moving_threshold")

    @property
    def running(self) -> bool:
        """Whether a profile is in progress."""
        return self._torque_was_on and not self._profile.arrived(self._goal)

    @property
    def trajectory(self) -> tuple[float, float]:
        """Set point in pulses and its speed in pulses/s."""
        return self._profile.position, self._profile.velocity

    def _load_settings(self) -> None:
        get = self._memory.get
        self._settings = self._memory.version
        drive = get("drive_mode")
        self._mode = get("operating_mode")
        self._on = get("torque_enable") == 1
        self._reversed, self._time_based = bool(drive & REVERSE), bool(drive & TIME_BASED)
        offset = get("homing_offset")
        self._offset = offset if self._mode != POSITION else min(max(offset, -_MAX_OFFSET), _MAX_OFFSET)
        self._goal = get("goal_position")
        self._speed = get("profile_velocity") * _PULSES_S or math.inf
        self._acceleration = get("profile_acceleration") * _PULSES_S2 or math.inf
        if self._time_based:
            self._plan_by_time()
        self._shutdown = get("shutdown_mask")
        self._volts = get("min_voltage") / 10.0, get("max_voltage") / 10.0
        self._hot_c = get("max_temperature")
        self._load_gains()

    def _load_gains(self) -> None:
        get, motor = self._memory.get, self._motor
        self._limit = min(get("pwm_limit"), abs(get("goal_pwm")) if self._mode != PWM else _PWM_FULL) / _PWM_FULL
        full = motor.stall_n_m / _PWM_FULL  # N m for each count of PWM
        self._gain = get("position_p") / 128.0 * full / RAD_PER_TICK
        derivative = get("position_d") / 16.0 * full / RAD_PER_TICK * 0.001  # the register counts per 1 ms cycle
        self._damping = (
            min(derivative, 5.0) + motor.stall_n_m / motor.no_load_rad_s
        )  # the controller sets the duty, so back-EMF damps

    def _check_errors(self) -> None:
        readings, error = self.readings, self.error
        if not self._volts[0] <= readings.volts <= self._volts[1]:
            error |= VOLTAGE_BIT
        if readings.temperature_c > self._hot_c:
            error |= HEAT_BIT
        pushing = abs(readings.duty) > _OVERLOAD_DUTY * max(self._limit, 0.1) and abs(readings.speed_rad_s) < 0.1
        self._overload_s = self._overload_s + TICK_S if pushing else 0.0
        if self._overload_s > _OVERLOAD_S:
            error |= OVERLOAD_BIT
        self.error = error

    def _drive(self) -> MotorCommand:
        readings, motor, sign = self.readings, self._motor, -1.0 if self._reversed else 1.0
        if self._mode == VELOCITY:
            wanted = sign * self._memory.get("goal_velocity") * RAD_S_PER_COUNT
            stiff = motor.stall_n_m * 2.0
            return MotorCommand(readings.angle_rad, 0.0, stiff, stiff * wanted, self._limit)
        if self._mode == PWM:
            share = self._memory.get("goal_pwm") / _PWM_FULL
            back_emf = motor.stall_n_m / motor.no_load_rad_s
            return MotorCommand(
                readings.angle_rad, 0.0, back_emf, sign * motor.stall_n_m * share, min(self._limit, abs(share))
            )
        if self._mode == CURRENT:
            return MotorCommand(readings.angle_rad, 0.0, 0.0, sign * self._current_limit(signed=True), self._limit)
        return self._drive_to_goal(sign)

    def _drive_to_goal(self, sign: float) -> MotorCommand:
        here, goal = self.position(), self._goal
        self._profile.advance(goal, self._speed, self._acceleration, TICK_S)
        error_rad = sign * (self._profile.position - here) * RAD_PER_TICK
        limit = self._limit
        if self._mode == CURRENT_POSITION:
            limit = min(limit, abs(self._current_limit()) / self._motor.stall_n_m)
        return MotorCommand(self.readings.angle_rad + error_rad, self._gain, self._damping, 0.0, limit)

    def _current_limit(self, signed: bool = False) -> float:
        """Return the torque that the goal current allows, N m."""
        amps = self._memory.get("goal_current") * self._memory.table["goal_current"].scale
        torque = amps / self._motor.stall_a * self._motor.stall_n_m
        return torque if signed else abs(torque)

    def _plan_by_time(self) -> None:
        """Interpret the profile registers as times in ms: of the whole motion and of the acceleration."""
        total_s, rising_s = self._memory.get("profile_velocity") / 1e3, self._memory.get("profile_acceleration") / 1e3
        distance = abs(self._memory.get("goal_position") - self.position())
        rising_s = min(rising_s, total_s / 2.0)
        self._speed = distance / (total_s - rising_s) if total_s > 0.0 and distance else math.inf
        self._acceleration = self._speed / rising_s if rising_s > 0.0 else math.inf

    def _raw(self) -> int:
        """Return the encoder's count, including turns; joint zero is 2048."""

        return round(_HALF + self.readings.angle_rad / RAD_PER_TICK) + self.shift_steps
