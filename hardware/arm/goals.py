"""Writes goals to all servos in one packet, each with its speed and acceleration."""

from collections.abc import Mapping
from typing import final

from hardware.arm.servo_family import GOAL, family_of
from hardware.bus import ServoBus


@final
class GoalWriter:
    """Sync writes of the goal registers of one bus.

    On STS servos a goal write also switches the torque on, so nothing writes a goal to a servo that must stay released.
    """

    def __init__(self, bus: ServoBus, protocol: str, acceleration_rad_s2: float) -> None:
        """`acceleration_rad_s2`: of every servo on its way to a goal."""
        self._bus = bus
        self._family = family_of(protocol)
        self._acceleration_rad_s2 = acceleration_rad_s2

    def write(self, ticks: Mapping[int, int], speed_rad_s: float) -> None:
        """Write goals in one packet, unacknowledged.

        Args:
            ticks: goal position by servo, raw counts.
            speed_rad_s: speed on the way to the goal.

        Raises:
            BusError: when the bus is lost or a value is out of range.
        """
        family, table = self._family, self._bus.table
        speed, acceleration = table[family.speed], table[family.acceleration]
        common = {
            **family.goal_rest,
            speed.name: max(1, min(speed.to_raw(speed_rad_s), speed.span[1])),  # 0 would mean full speed
            acceleration.name: max(1, min(acceleration.to_raw(self._acceleration_rad_s2), acceleration.span[1])),
        }
        self._bus.sync_write_block(*family.goal, {servo: {**common, GOAL: goal} for servo, goal in ticks.items()})
