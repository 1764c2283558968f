"""Access rules of an X-series servo: the error number of a write, before anything is changed.

Numbers are Protocol 2.0's: 4 data range, 5 data length, 6 data limit, 7 access.
"""

from collections.abc import Sequence

from hardware.bus import Register
from hardware.dynamixel.tables import WATCHDOG_TRIPPED
from hardware.emulator.dynamixel_motion import CURRENT, CURRENT_POSITION, EXTENDED, POSITION, PWM, VELOCITY
from hardware.emulator.memory import Memory

FAILED, UNKNOWN, BAD_CHECK, RANGE, LENGTH, LIMIT, ACCESS = range(1, 8)
_GOALS = ("goal_pwm", "goal_current", "goal_velocity", "goal_position")
_BOUND_BY = {"goal_pwm": "pwm_limit", "goal_current": "current_limit", "goal_velocity": "velocity_limit"}


def covered(memory: Memory, address: int, length: int) -> tuple[Register, ...]:
    """Return the registers that a write of `length` bytes touches, by address."""
    found = {memory.register_at(each) for each in range(address, address + length)}
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.address))


def refusal(memory: Memory, address: int, data: bytes, torque_on: bool) -> int:
    """Return the error number of writing `data`; 0 if it is accepted."""
    registers = covered(memory, address, len(data))
    if sum(each.size for each in registers) < len(data):
        return ACCESS if _has_gap(registers, address, len(data)) else LENGTH
    if not registers or registers[0].address != address or registers[-1].end != address + len(data):
        return LENGTH
    for register in registers:
        start = register.address - address
        error = _refused(memory, register, register.decode(data[start : start + register.size]), torque_on)
        if error:
            return error
    return 0


def _has_gap(registers: Sequence[Register], address: int, length: int) -> bool:
    inside = sum(min(each.end, address + length) - max(each.address, address) for each in registers)
    return inside < length


def _refused(memory: Memory, register: Register, value: int, torque_on: bool) -> int:
    if not register.writable or (register.eeprom and torque_on):
        return ACCESS
    if register.name in _GOALS and memory.get("bus_watchdog") == WATCHDOG_TRIPPED:
        return RANGE
    if not register.allows(value) or (register.name == "bus_watchdog" and value < 0):
        return RANGE
    if register.name == "operating_mode":
        return 0 if value in modes(memory) else RANGE
    return 0 if _within_limits(memory, register.name, value) else LIMIT


def modes(memory: Memory) -> tuple[int, ...]:
    """Return the operating modes of a model; current modes need a current sensor."""
    common = (VELOCITY, POSITION, EXTENDED, PWM)
    return (*common, CURRENT, CURRENT_POSITION) if "goal_current" in memory.table else common


def _within_limits(memory: Memory, name: str, value: int) -> bool:
    if name in _BOUND_BY:
        return abs(value) <= memory.get(_BOUND_BY[name])
    if name == "goal_position" and memory.get("operating_mode") == POSITION:
        return memory.get("min_position") <= value <= memory.get("max_position")
    return True
