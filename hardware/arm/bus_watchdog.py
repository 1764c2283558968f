"""The servos' own watchdog (Dynamixel): used only where a test at start-up shows that it works.

Some models report that it tripped and keep turning (the 330 size, seen on XC330 with firmware 51). So each servo is
told to creep aside by a degree or two, then back; the bus falls silent, and a servo is trusted if it crept while it was
spoken to, says that it tripped, and stands still on the way.
"""

from hardware.arm.servo_family import POSITION
from hardware.arm.start_stop import Starter
from robot_wm.control.clock import Clock

SWAY_TICKS = 20  # 1.8 degrees
_CREEP_RAD_S = 0.05
_SILENT_S = 0.08  # four times the shortest watchdog
_WATCHED_S = 0.15  # in which a servo that keeps turning goes on by five ticks
_STILL_TICKS = 2
_LISTENS, _LISTEN_S = 30, 0.015  # while it creeps aside, before the test proper
_SHORTEST, _OFF, _TRIPPED = 1, 0, -1


def arm_watchdogs(starter: Starter, clock: Clock, pose: dict[int, int]) -> tuple[int, ...]:
    """Test the watchdog of every energised servo, held at `pose` (ticks by servo), and set those that work.

    Returns the servos that are guarded by it. Raises BusError.
    """
    register, bus = starter.family.bus_watchdog, starter.bus
    if not register or starter.config.drive.bus_watchdog_s <= 0.0:
        return ()
    try:
        trusted = _tested(starter, clock, pose)
    finally:
        for servo in pose:
            bus.write(servo, register, _OFF)
        starter.send(pose, _CREEP_RAD_S)
    low, high = _SHORTEST, bus.table[register].span[1]
    value = min(max(bus.table[register].to_raw(starter.config.drive.bus_watchdog_s), low), high)
    for servo in trusted:
        bus.write(servo, register, value)
    return trusted


def _tested(starter: Starter, clock: Clock, pose: dict[int, int]) -> tuple[int, ...]:
    register, bus, servos = starter.family.bus_watchdog, starter.bus, tuple(pose)
    aside = {servo: _aside(ticks) for servo, ticks in pose.items()}
    moving = _moved(starter, clock, pose, aside)
    bus.sync_write(register, dict.fromkeys(servos, _SHORTEST))
    starter.send(pose, _CREEP_RAD_S)
    clock.wait_until(clock.now_s() + _SILENT_S)
    before = bus.sync_read(POSITION, servos)
    clock.wait_until(clock.now_s() + _WATCHED_S)
    after = bus.sync_read(POSITION, servos)
    tripped = bus.sync_read(register, servos)
    return tuple(
        servo
        for servo in moving
        if tripped.get(servo) == _TRIPPED
        and servo in before
        and servo in after
        and abs(before[servo] - pose[servo]) > _STILL_TICKS  # it had some way left to go
        and abs(after[servo] - before[servo]) <= _STILL_TICKS
    )


def _moved(starter: Starter, clock: Clock, pose: dict[int, int], aside: dict[int, int]) -> tuple[int, ...]:
    """Those that creep aside while they are spoken to: one that friction holds would seem stopped by anything."""
    starter.send(aside, _CREEP_RAD_S)
    for _ in range(_LISTENS):
        clock.wait_until(clock.now_s() + _LISTEN_S)
        there = starter.bus.sync_read(POSITION, tuple(pose))
    return tuple(servo for servo in pose if abs(there.get(servo, pose[servo]) - pose[servo]) > 2 * _STILL_TICKS)


def _aside(ticks: int) -> int:
    """A little way off, within the turn."""
    return ticks + SWAY_TICKS if ticks < 2048 else ticks - SWAY_TICKS
