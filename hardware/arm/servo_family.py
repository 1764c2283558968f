"""Register names per servo family: which registers SerialArm reads, writes and checks.

A new family needs one more entry here. Addresses, sizes and units are in the families' control tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from robot_wm.errors import UnknownNameError

POSITION, VELOCITY = "present_position", "present_velocity"
GOAL, TORQUE = "goal_position", "torque_enable"


@dataclass(frozen=True)
class ServoFamily:
    """Register names of one family.

    Goal, speed and acceleration are written in one block, so that a rebooted servo never moves to a goal at full speed.
    """

    protocol: str
    feedback: tuple[str, str]  # first and last register that a cycle reads
    load: str  # register in that block: share of full duty
    goal: tuple[str, str]  # first and last register that a cycle writes
    goal_rest: Mapping[str, int]  # registers in that block with a fixed value
    speed: str
    acceleration: str
    torque_limit: str  # in RAM: reset by a power loss, which reveals a restarted servo
    position_mode: int  # value of `operating_mode`: position within one turn
    health: tuple[str, str]  # first and last register with voltage and temperature
    bus_watchdog: str = ""  # register, if the family has one
    multi_turn_bit: int = 0  # of `phase`: full-angle feedback, with which ticks exceed 4095
    eeprom_lock: str = ""  # register that must be 0 for EEPROM writes to persist

    def __post_init__(self) -> None:
        object.__setattr__(self, "goal_rest", MappingProxyType(dict(self.goal_rest)))


FAMILIES = {
    "feetech": ServoFamily(
        protocol="feetech",
        feedback=("present_position", "present_temperature"),
        load="present_load",
        goal=("acceleration", "goal_velocity"),
        goal_rest={"goal_pwm": 0},
        speed="goal_velocity",
        acceleration="acceleration",
        torque_limit="torque_limit",
        position_mode=0,
        health=("present_voltage", "present_temperature"),
        multi_turn_bit=1 << 4,
        eeprom_lock="lock",
    ),
    "dynamixel": ServoFamily(
        protocol="dynamixel",
        feedback=("present_pwm", "present_position"),
        load="present_pwm",
        goal=("profile_acceleration", "goal_position"),
        goal_rest={},
        speed="profile_velocity",
        acceleration="profile_acceleration",
        torque_limit="goal_pwm",
        position_mode=3,
        health=("present_voltage", "present_temperature"),
        bus_watchdog="bus_watchdog",
    ),
}


def family_of(protocol: str) -> ServoFamily:
    """Return the family of a protocol. Raises UnknownNameError."""

    if protocol not in FAMILIES:
        raise UnknownNameError("protocol", protocol, FAMILIES)
    return FAMILIES[protocol]
