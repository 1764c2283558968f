"""Geared motors on one supply: torque that falls with speed, backlash, friction, sag, heat. Knows no register.

Torque limit at speed w and supply V, for a duty within +-L:  stall (+-L V/rated - w/no_load).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hardware.emulator.physics import TICK_S, Drives, Physics
from robot_wm.types import Floats

AMBIENT_C = 25.0


@dataclass(frozen=True)
class MotorSpec:
    """A servo's motor and gears, from its data sheet where it has them; heat and friction are assumed."""

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
    """What feeds all motors."""

    volts: float
    resistance_ohm: float = 0.15


@dataclass(frozen=True)
class MotorCommand:
    """What one servo's control loop wants of its motor; `duty_limit` 0 lets it coast."""

    set_point_rad: float = 0.0
    gain_n_m_rad: float = 0.0
    damping_n_m_s_rad: float = 0.0
    feed_n_m: float = 0.0
    duty_limit: float = 0.0  # of the supply, [0, 1]


@dataclass(frozen=True)
class SensorReadings:
    """What one servo's sensors say."""

    angle_rad: float
    speed_rad_s: float
    duty: float  # of the supply, [-1, 1]
    current_a: float  # signed like the torque
    volts: float
    temperature_c: float


class Motors:
    """All motors of an arm, between the servos' orders and the joints."""

    def __init__(self, figures: Sequence[MotorSpec], supply: Supply, physics: Physics) -> None:
        n = len(figures)
        self._physics = physics
        self._supply = supply
        self._stall, self._no_load = _column(figures, "stall_n_m"), _column(figures, "no_load_rad_s")
        self._rated, self._stall_a = _column(figures, "rated_v"), _column(figures, "stall_a")
        self._idle_a, self._friction = _column(figures, "idle_a"), _column(figures, "gear_friction_n_m")
        self._half_gap = _column(figures, "backlash_rad") / 2.0
        self._capacity, self._cooling = _column(figures, "heat_capacity_j_k"), _column(figures, "cooling_k_w")
        self._gap = np.zeros(n)  # where each motor is in its gears' play, rad
        self._duty, self._current = np.zeros(n), np.zeros(n)
        self.temperature_c = np.full(n, AMBIENT_C)
        self.volts_at_source = supply.volts
        self.volts = supply.volts
        self.blocked = np.zeros(n, dtype=bool)  # a hand, or a stand, holds the joint
        self.stripped = np.zeros(n, dtype=bool)  # teeth are gone: the motor turns, the joint does not

    def rest(self) -> None:
        """As after a night: cold, no current, the gears wherever they were."""
        self._duty[:] = self._current[:] = 0.0
        self.temperature_c[:] = AMBIENT_C
        self.volts = self.volts_at_source

    def step(self, orders: Sequence[MotorCommand]) -> None:
        """Carry out `orders` (n of them) for one tick."""
        set_point, gain, damping, feed, limit = np.array(
            [(o.set_point_rad, o.gain_n_m_rad, o.damping_n_m_s_rad, o.feed_n_m, o.duty_limit) for o in orders]
        ).T
        q, dq = self._physics.angles(), self._physics.speeds()
        strength = limit * self.volts / self._rated
        low = np.where(limit > 0.0, self._stall * (-strength - dq / self._no_load), 0.0)
        high = np.where(limit > 0.0, self._stall * (strength - dq / self._no_load), 0.0)
        wanted = np.clip(gain * (set_point - q) - damping * dq + feed, low, high)
        low, high = self._through_gears(wanted, low, high)
        brake = self._friction + np.where(self.blocked, 100.0, 0.0)
        self._physics.step(Drives(set_point, gain, damping, feed, low, high, brake))
        self._account(wanted, limit > 0.0)

    def feel(self) -> list[SensorReadings]:
        """What the servos' sensors say now."""
        columns = self._physics.angles(), self._physics.speeds(), self._duty, self._current, self.temperature_c
        rows = np.stack(columns, axis=1).tolist()
        return [SensorReadings(q, dq, duty, amps, self.volts, warm) for q, dq, duty, amps, warm in rows]

    def _through_gears(self, wanted: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Limits of the torque that reaches the joint: none while the motor crosses the play of its gears."""
        free_rad_s = self._no_load * wanted / self._stall
        self._gap = np.clip(self._gap + free_rad_s * TICK_S, -self._half_gap, self._half_gap)
        at_low, at_high = self._gap <= -self._half_gap, self._gap >= self._half_gap
        low = np.where(at_low & ~self.stripped, low, np.maximum(low, 0.0))
        high = np.where(at_high & ~self.stripped, high, np.minimum(high, 0.0))
        loose = self.stripped | ~(at_low | at_high)
        return np.where(loose, 0.0, low), np.where(loose, 0.0, high)

    def _account(self, wanted: Floats, driven: Floats) -> None:
        """Duty, current, sag and heat of the tick that has passed."""
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


def _column(figures: Sequence[MotorSpec], field: str) -> Floats:
    return np.array([getattr(each, field) for each in figures], dtype=np.float64)
