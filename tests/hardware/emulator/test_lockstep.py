"""Laws of simulated time: it passes only by waiting, runs repeat to the bit, and our own driver works on it."""

import numpy as np
import pytest

from hardware.bus.errors import BusLostError
from hardware.buses import bus_on
from hardware.emulator.faults import Fault
from hardware.emulator.wire import WireConfig
from tests.hardware.emulator.talking import Joints, Sts, bus

IDS = range(1, 7)
READ_POSITION = {"feetech": "present_velocity", "dynamixel": "present_position"}


def test_time_passes_only_by_waiting() -> None:
    host = Sts(bus())
    host.port.write(bytes.fromhex("ffff010201fb"))
    assert host.port.now_s() == 0.0
    assert host.port.reset_input() == b""
    assert host.port.read_until(1.0) != b""
    assert host.port.now_s() == pytest.approx(120e-6)
    assert host.port.read_until(0.5) == b"" and host.port.now_s() == 0.5


def test_a_restart_sets_time_to_zero_and_ends_old_ports() -> None:
    lockstep = bus()
    host = Sts(lockstep)
    host.goal(1, 2500)
    host.wait(1.0)
    lockstep.restart()
    assert lockstep.now_s() == 0.0
    with pytest.raises(BusLostError):
        host.port.write(b"")
    assert Sts(lockstep).byte(1, 40) == 0


@pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
def test_our_driver_finds_reads_and_moves_the_servos(protocol: str) -> None:
    lockstep = bus(protocol, wire=WireConfig())
    servos = bus_on(lockstep.open_port(), protocol)
    assert list(servos.scan(range(8))) == list(IDS)
    servos.sync_write("torque_enable", dict.fromkeys(IDS, 1))
    servos.sync_write("goal_position", {servo: 2048 + 30 * servo for servo in IDS})
    lockstep.wait_until(3.0)
    block = servos.sync_read_block("present_position", READ_POSITION[protocol], IDS)
    assert sorted(block) == list(IDS)
    assert all(abs(block[servo]["present_position"] - 2048 - 30 * servo) <= 25 for servo in IDS)
    assert servos.counters.consistent()


@pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
def test_runs_repeat_to_the_bit(protocol: str) -> None:
    def story(seed: int) -> tuple[list[dict[int, int]], float]:
        lockstep = bus(protocol, [Fault("drop", probability=0.02), Fault("late", probability=0.02)], seed)
        servos, seen = bus_on(lockstep.open_port(), protocol), []
        for tick in range(40):
            servos.sync_write("goal_position", dict.fromkeys(IDS, 2048 + 10 * tick))
            lockstep.wait_until(lockstep.now_s() + 0.01)
            seen.append(servos.sync_read("present_position", IDS))
        return seen, lockstep.now_s()

    assert story(5) == story(5)


def test_late_replies_are_never_taken_for_fresh_ones() -> None:
    """The joint is somewhere else at every reading: a stale reply would show."""
    joints = Joints()
    lockstep = bus(faults=[Fault("late", probability=0.05, delay_s=0.06)], physics=joints, wire=WireConfig())
    servos = bus_on(lockstep.open_port(), "feetech")
    for turn in range(300):
        joints.place(0, 0.003 * turn)
        lockstep.wait_until(lockstep.now_s() + 0.01)
        seen = servos.sync_read("present_position", [1]).get(1)
        here = 2048 + round(joints.angles()[0] * 4096 / (2 * np.pi))
        assert seen is None or abs(seen - here) <= 1
