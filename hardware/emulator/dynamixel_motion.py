"""What an X-series servo's firmware makes of its registers, tick by tick: modes, profiles, torque, shutdown.

Positions are pulses of 1/4096 turn. Rules are the e-Manual's; docs/emulator.md says what is
assumed where it is silent.
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
_OVERLOAD_DUTY, _OVERLOAD_S = 0.9, 2.0  # of the PWM limit, for so long (assumed)
_OWN_OFFSET = 1024  # in position mode no more of the homing offset is honoured
REVERSE, TIME_BASED, WAKE_ON_GOAL = 1, 4, 8  # drive mode


class DynamixelMotion:
    """Goal, set point and shutdown of one servo."""

    def __init__(self, memory: Memory, figures: MotorSpec) -> None:
        self._memory = memory
        self._figures = figures
        self._profile = Profile()
        self.shift_steps = 0  # the encoder's magnet has slipped by this
        self.power_up(SensorReadings(0.0, 0.0, 0.0, 0.0, figures.rated_v, 25.0))

    def power_up(self, feel: SensorReadings) -> None:
        """Turns are forgotten, errors too, the goal is where the servo stands."""
        self.feel = feel
        self.error = 0
        self._overload_s = 0.0
        self._turns = 0
        self._torque_was_on = False
        self._learn()
        self.forget_turns()
        self._memory.set("goal_position", self.position())

    def position(self) -> int:
        """Present position in pulses, the homing offset added."""
        seen = self._raw() - self._turns * TICKS_PER_TURN
        return (TICKS_PER_TURN - seen if self._reversed else seen) + self._offset

    def forget_turns(self) -> None:
        """Back to one turn."""
        self._turns = math.floor(self._raw() / TICKS_PER_TURN)

    def halt(self) -> None:
        """Stop where it is: what a bus watchdog does."""
        self._memory.set("goal_velocity", 0)
        self._memory.set("goal_position", self.position())
        for mode, name in ((PWM, "goal_pwm"), (CURRENT, "goal_current")):
            if self._mode == mode:
                self._memory.set(name, 0)
        self._learn()
        self._profile.start(self.position())

    def tick(self, feel: SensorReadings) -> MotorCommand:
        """One control tick: what the motor is told."""
        self.feel = feel
        if self._settings != self._memory.version:
            self._learn()
        self._watch()
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
        """As register 122 says: faster than the moving threshold."""
        return abs(self.feel.speed_rad_s) / RAD_S_PER_COUNT > self._memory.get("moving_threshold")

    @property
    def running(self) -> bool:
        """Whether a profile is under way."""
        return self._torque_was_on and not self._profile.arrived(self._goal)

    @property
    def trajectory(self) -> tuple[float, float]:
        """Set point in pulses and its speed in pulses/s."""
        return self._profile.position, self._profile.velocity

    def _learn(self) -> None:
        get = self._memory.get
        self._settings = self._memory.version
        drive = get("drive_mode")
        self._mode = get("operating_mode")
        self._on = get("torque_enable") == 1
        self._reversed, self._time_based = bool(drive & REVERSE), bool(drive & TIME_BASED)
        offset = get("homing_offset")
        self._offset = offset if self._mode != POSITION else min(max(offset, -_OWN_OFFSET), _OWN_OFFSET)
        self._goal = get("goal_position")
        self._speed = get("profile_velocity") * _PULSES_S or math.inf
        self._acceleration = get("profile_acceleration") * _PULSES_S2 or math.inf
        if self._time_based:
            self._plan_by_time()
        self._shutdown = get("shutdown_mask")
        self._volts = get("min_voltage") / 10.0, get("max_voltage") / 10.0
        self._hot_c = get("max_temperature")
        self._learn_strength()

    def _learn_strength(self) -> None:
        get, figures = self._memory.get, self._figures
        self._limit = min(get("pwm_limit"), abs(get("goal_pwm")) if self._mode != PWM else _PWM_FULL) / _PWM_FULL
        full = figures.stall_n_m / _PWM_FULL  # N m for each count of PWM
        self._gain = get("position_p") / 128.0 * full / RAD_PER_TICK
        self._damping = (
            get("position_d") / 16.0 * full / RAD_PER_TICK * 0.001
        )  # its derivative is per control cycle, 1 ms
        self._damping = min(self._damping, 5.0) + figures.stall_n_m / figures.no_load_rad_s  # what is set is the duty

    def _watch(self) -> None:
        feel, error = self.feel, self.error
        if not self._volts[0] <= feel.volts <= self._volts[1]:
            error |= VOLTAGE_BIT
        if feel.temperature_c > self._hot_c:
            error |= HEAT_BIT
        pushing = abs(feel.duty) > _OVERLOAD_DUTY * max(self._limit, 0.1) and abs(feel.speed_rad_s) < 0.1
        self._overload_s = self._overload_s + TICK_S if pushing else 0.0
        if self._overload_s > _OVERLOAD_S:
            error |= OVERLOAD_BIT
        self.error = error

    def _drive(self) -> MotorCommand:
        feel, figures, sign = self.feel, self._figures, -1.0 if self._reversed else 1.0
        if self._mode == VELOCITY:
            wanted = sign * self._memory.get("goal_velocity") * RAD_S_PER_COUNT
            stiff = figures.stall_n_m * 2.0
            return MotorCommand(feel.angle_rad, 0.0, stiff, stiff * wanted, self._limit)
        if self._mode == PWM:
            share = self._memory.get("goal_pwm") / _PWM_FULL
            back = figures.stall_n_m / figures.no_load_rad_s
            return MotorCommand(
                feel.angle_rad, 0.0, back, sign * figures.stall_n_m * share, min(self._limit, abs(share))
            )
        if self._mode == CURRENT:
            return MotorCommand(feel.angle_rad, 0.0, 0.0, sign * self._current_limit(signed=True), self._limit)
        return self._drive_to_goal(sign)

    def _drive_to_goal(self, sign: float) -> MotorCommand:
        here, goal = self.position(), self._goal
        self._profile.advance(goal, self._speed, self._acceleration, TICK_S)
        error_rad = sign * (self._profile.position - here) * RAD_PER_TICK
        limit = self._limit
        if self._mode == CURRENT_POSITION:
            limit = min(limit, abs(self._current_limit()) / self._figures.stall_n_m)
        return MotorCommand(self.feel.angle_rad + error_rad, self._gain, self._damping, 0.0, limit)

    def _current_limit(self, signed: bool = False) -> float:
        """Torque that the goal current allows, N m."""
        amps = self._memory.get("goal_current") * self._memory.table["goal_current"].scale
        torque = amps / self._figures.stall_a * self._figures.stall_n_m
        return torque if signed else abs(torque)

    def _plan_by_time(self) -> None:
        """Profile registers in ms: the whole time and the time to speed up."""
        whole_s, rising_s = self._memory.get("profile_velocity") / 1e3, self._memory.get("profile_acceleration") / 1e3
        distance = abs(self._memory.get("goal_position") - self.position())
        rising_s = min(rising_s, whole_s / 2.0)
        self._speed = distance / (whole_s - rising_s) if whole_s > 0.0 and distance else math.inf
        self._acceleration = self._speed / rising_s if rising_s > 0.0 else math.inf

    def _raw(self) -> int:
        """The encoder's count, turns included; joint zero is 2048."""
        return round(_HALF + self.feel.angle_rad / RAD_PER_TICK) + self.shift_steps
