"""Geared motors on one supply: torque that falls with speed, backlash, friction, voltage sag, heat. Knows no registers.

Torque limit of a DC motor at speed w and supply V, for a duty within +-L:  stall (+-L V/rated - w/no_load).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hardware.emulator.physics import TICK_S, Drives, Physics
from robot_wm.types import Floats

AMBIENT_C = 25.0


@dataclass(frozen=True)
class MotorSpec:
    """Motor and gears of a servo; figures from its data sheet where available, heat and friction assumed."""

    rated_v: float
    stall_n_m: float
    no_load_rad_s: float
    stall_a: float
    idle_a: float = 0.02
    backlash_rad: float = np.deg2rad(1.0)  # from stop to stop
    gear_friction_n_m: float = 0.05  # on top of the joint's own
    heat_capacity_j_k: float = 40.0
    cooling_k_w: float = 10.0


@dataclass(frozen=True)
class Supply:
    """Power supply of all motors."""

    volts: float
    resistance_ohm: float = 0.15


@dataclass(frozen=True)
class MotorCommand:
    """Output of one servo's control loop; with `duty_limit` 0 the motor coasts."""

    set_point_rad: float = 0.0
    gain_n_m_rad: float = 0.0
    damping_n_m_s_rad: float = 0.0
    feed_n_m: float = 0.0
    duty_limit: float = 0.0  # of the supply, [0, 1]


@dataclass(frozen=True)
class SensorReadings:
    """Sensor readings of one servo."""

    angle_rad: float
    speed_rad_s: float
    duty: float  # of the supply, [-1, 1]
    current_a: float  # signed like the torque
    volts: float
    temperature_c: float


class Motors:
    """All motors of an arm, between the servos' commands and the joints. Arrays are (n,)."""

    def __init__(self, specs: Sequence[MotorSpec], supply: Supply, physics: Physics) -> None:
        n = len(specs)
        self._physics = physics
        self._supply = supply
        self._stall, self._no_load = _column(specs, "stall_n_m"), _column(specs, "no_load_rad_s")
        self._rated, self._stall_a = _column(specs, "rated_v"), _column(specs, "stall_a")
        self._idle_a, self._friction = _column(specs, "idle_a"), _column(specs, "gear_friction_n_m")
        self._half_gap = _column(specs, "backlash_rad") / 2.0
        self._capacity, self._cooling = _column(specs, "heat_capacity_j_k"), _column(specs, "cooling_k_w")
        self._gap = np.zeros(n)  # position of each motor within the backlash, rad
        self._duty, self._current = np.zeros(n), np.zeros(n)
        self.temperature_c = np.full(n, AMBIENT_C)
        self.volts_at_source = supply.volts
        self.volts = supply.volts
        self.blocked = np.zeros(n, dtype=bool)  # a hand, or a stand, holds the joint
        self.stripped = np.zeros(n, dtype=bool)  # the motor turns, the joint does not

    def rest(self) -> None:
        """Reset to cold motors without current; backlash keeps its position."""
        self._duty[:] = self._current[:] = 0.0
        self.temperature_c[:] = AMBIENT_C
        self.volts = self.volts_at_source

    def step(self, commands: Sequence[MotorCommand]) -> None:
        """Advance by one tick under n commands."""
        set_point, gain, damping, feed, limit = np.array(
            [(c.set_point_rad, c.gain_n_m_rad, c.damping_n_m_s_rad, c.feed_n_m, c.duty_limit) for c in commands]
        ).T
        q, dq = self._physics.angles(), self._physics.speeds()
        strength = limit * self.volts / self._rated
        low = np.where(limit > 0.0, self._stall * (-strength - dq / self._no_load), 0.0)
        high = np.where(limit > 0.0, self._stall * (strength - dq / self._no_load), 0.0)
        wanted = np.clip(gain * (set_point - q) - damping * dq + feed, low, high)
        low, high = self._through_gears(wanted, low, high)
        brake = self._friction + np.where(self.blocked, 100.0, 0.0)
        self._physics.step(Drives(set_point, gain, damping, feed, low, high, brake))
        self._update_state(wanted, limit > 0.0)

    def readings(self) -> list[SensorReadings]:
        """Return the sensor readings of each servo."""
        columns = self._physics.angles(), self._physics.speeds(), self._duty, self._current, self.temperature_c
        rows = np.stack(columns, axis=1).tolist()
        return [SensorReadings(q, dq, duty, amps, self.volts, warm) for q, dq, duty, amps, warm in rows]

    def _through_gears(self, wanted: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Return the limits of the torque that reaches the joint; zero while the motor crosses the backlash."""
        free_rad_s = self._no_load * wanted / self._stall
        self._gap = np.clip(self._gap + free_rad_s * TICK_S, -self._half_gap, self._half_gap)
        at_low, at_high = self._gap <= -self._half_gap, self._gap >= self._half_gap
        low = np.where(at_low & ~self.stripped, low, np.maximum(low, 0.0))
        high = np.where(at_high & ~self.stripped, high, np.minimum(high, 0.0))
        loose = self.stripped | ~(at_low | at_high)
        return np.where(loose, 0.0, low), np.where(loose, 0.0, high)

    def _update_state(self, wanted: Floats, driven: Floats) -> None:
        """Compute duty, current, voltage sag and heat of the last tick."""

        torque, dq = self._physics.torques(), self._physics.speeds()
        dq = np.where(self.stripped, self._no_load * wanted / self._stall, dq)
        share = torque / self._stall + dq / self._no_load
        volts = max(self.volts, 1e-3)
        self._duty = np.where(driven, np.clip(share * self._rated / volts, -1.0, 1.0), 0.0)
        self._current = torque / self._stall * self._stall_a
        drawn = float((np.abs(self._current * self._duty) + self._idle_a).sum())
        self.volts = max(0.0, self.volts_at_source - self._supply.resistance_ohm * drawn)
        heat_w = self._current**2 * self._rated / self._stall_a
        lost_w = (self.temperature_c - AMBIENT_C) / self._cooling
        self.temperature_c = self.temperature_c + TICK_S * (heat_w - lost_w) / self._capacity


def _column(specs: Sequence[MotorSpec], field: str) -> Floats:
    return np.array([getattr(each, field) for each in specs], dtype=np.float64)
