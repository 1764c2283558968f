"""The servos' own bus watchdog (Dynamixel), used only where a test at start-up shows that it works.

Some models report that it tripped but keep turning (the 330 size, observed on XC330 with firmware 51). The test moves
each servo slowly aside by a degree or two and back, and stops the traffic on the way. A servo passes if it moved while
there was traffic, reports that the watchdog tripped, and stands still.
"""

from hardware.arm.servo_family import POSITION
from hardware.arm.start_stop import Starter
from robot_wm.control.clock import Clock

TEST_TICKS = 20  # 1.8 degrees
_TEST_RAD_S = 0.05
_SILENT_S = 0.08  # four times the shortest watchdog period
_WATCH_S = 0.15  # a servo that keeps turning moves by five ticks in this time
_STILL_TICKS = 2
_READS, _READ_S = 30, 0.015  # while the servos move aside, before the traffic stops
_SHORTEST, _OFF, _TRIPPED = 1, 0, -1


def enable_watchdogs(starter: Starter, clock: Clock, pose: dict[int, int]) -> tuple[int, ...]:
    """Test the watchdog of every servo and enable those that work.

    Args:
        starter: of an energised arm.
        clock: to wait with.
        pose: ticks by servo, at which the arm is held.

    Returns:
        The servos whose watchdog is enabled.

    Raises:
        BusError: when a servo does not answer.
    """
    register, bus = starter.family.bus_watchdog, starter.bus
    if not register or starter.config.drive.bus_watchdog_s <= 0.0:
        return ()
    try:
        working = _tested(starter, clock, pose)
    finally:
        for servo in pose:
            bus.write(servo, register, _OFF)
        starter.goals.write(pose, _TEST_RAD_S)
    low, high = _SHORTEST, bus.table[register].span[1]
    value = min(max(bus.table[register].to_raw(starter.config.drive.bus_watchdog_s), low), high)
    for servo in working:
        bus.write(servo, register, value)
    return working


def _tested(starter: Starter, clock: Clock, pose: dict[int, int]) -> tuple[int, ...]:
    register, bus, servos = starter.family.bus_watchdog, starter.bus, tuple(pose)
    aside = {servo: _aside(ticks) for servo, ticks in pose.items()}
    moving = _moved(starter, clock, pose, aside)
    bus.sync_write(register, dict.fromkeys(servos, _SHORTEST))
    starter.goals.write(pose, _TEST_RAD_S)
    clock.wait_until(clock.now_s() + _SILENT_S)
    before = bus.sync_read(POSITION, servos)
    clock.wait_until(clock.now_s() + _WATCH_S)
    after = bus.sync_read(POSITION, servos)
    tripped = bus.sync_read(register, servos)
    return tuple(
        servo
        for servo in moving
        if tripped.get(servo) == _TRIPPED
        and servo in before
        and servo in after
        and abs(before[servo] - pose[servo]) > _STILL_TICKS  # it was still on the way
        and abs(after[servo] - before[servo]) <= _STILL_TICKS
    )


def _moved(starter: Starter, clock: Clock, pose: dict[int, int], aside: dict[int, int]) -> tuple[int, ...]:
    """Return the servos that move while there is traffic; one held by friction would pass any test."""
    starter.goals.write(aside, _TEST_RAD_S)
    for _ in range(_READS):
        clock.wait_until(clock.now_s() + _READ_S)
        there = starter.bus.sync_read(POSITION, tuple(pose))
    return tuple(servo for servo in pose if abs(there.get(servo, pose[servo]) - pose[servo]) > 2 * _STILL_TICKS)


def _aside(ticks: int) -> int:
    """Return a position `TEST_TICKS` away, within the turn."""
    return ticks + TEST_TICKS if ticks < 2048 else ticks - TEST_TICKS
