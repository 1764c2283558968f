"""Laws of the guard: however the block is left the arm is at rest and stopped; silence parks it; faults latch."""

import time
from itertools import pairwise

import numpy as np
import pytest

from robot_wm.control.parking import PARK_SPEED_RAD_S, ArmGuard, park
from robot_wm.errors import DeviceError
from robot_wm.fake import FakeArm
from robot_wm.types import ArmCommand, ArmTarget
from tests.control.fakes import HandClock, fake_arm


def lift_off(arm: FakeArm | ArmGuard, clock: HandClock) -> ArmCommand:
    """Move some way from rest."""
    sent = None
    for _ in range(12):
        sent = arm.command(ArmTarget(arm.spec.q_rest_rad + 0.4, 0.3))
        clock.wait_until(clock.now_s() + 0.1)
    assert sent is not None
    return sent


def away_rad(arm: FakeArm) -> float:
    return float(np.abs(arm.read().q_rad - arm.spec.q_rest_rad).max())


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, DeviceError])
def test_parks_and_stops_however_the_block_is_left(error: type[BaseException]) -> None:
    clock = HandClock()
    arm = fake_arm(clock)

    def leave() -> None:
        with ArmGuard(arm, clock) as guard:
            lift_off(guard, clock)
            assert away_rad(arm) > 0.1
            raise error

    with pytest.raises(error):
        leave()
    assert away_rad(arm) < 0.05
    assert arm.read().gripper == pytest.approx(0.3, abs=1e-6)  # it keeps hold of what it holds


def test_parks_slowly() -> None:
    clock = HandClock()
    arm = fake_arm(clock)
    lift_off(arm, clock)
    started_s, far_rad = clock.now_s(), away_rad(arm)
    assert park(arm, clock, speed_rad_s=0.2)
    assert clock.now_s() - started_s >= 0.9 * (far_rad - 0.05) / 0.2


def test_every_command_of_parking_is_reported() -> None:
    clock, commands = HandClock(), list[tuple[ArmTarget, ArmCommand]]()
    arm = fake_arm(clock)
    with ArmGuard(arm, clock, on_command=lambda target, sent: commands.append((target, sent))) as guard:
        lift_off(guard, clock)
        assert not commands
        before = guard.sent
    steps = [
        np.abs(after.q_rad - sent.q_rad).max() for sent, after in pairwise([before, *(sent for _, sent in commands)])
    ]
    assert max(steps) <= 1.01 * PARK_SPEED_RAD_S / arm.spec.rate_hz  # none is missing in between
    np.testing.assert_array_equal(commands[-1][0].q_rad, arm.spec.q_rest_rad)
    np.testing.assert_array_equal(commands[-1][1].q_rad, arm.sent.q_rad)


def test_silence_parks_the_arm_and_latches_a_fault() -> None:
    clock = HandClock()
    arm = fake_arm(clock)
    with ArmGuard(arm, clock, patience_s=0.3) as guard:
        lift_off(guard, clock)
        clock.t_s += 1.0  # the controller hangs
        until_s = time.monotonic() + 5.0
        while not guard.fault and time.monotonic() < until_s:
            time.sleep(0.01)
        with pytest.raises(DeviceError, match=r"parked after a fault: no command for 1\.1 s \(patience 0\.3 s\)"):
            lift_off(guard, clock)
        assert away_rad(arm) < 0.05
        guard.clear()
        lift_off(guard, clock)


def test_time_that_stands_still_is_no_silence() -> None:
    clock = HandClock()
    with ArmGuard(fake_arm(clock), clock, patience_s=0.15) as guard:
        lift_off(guard, clock)
        time.sleep(0.1)
        assert guard.fault == ""


def test_a_dead_arm_is_stopped_all_the_same() -> None:
    class DyingArm(FakeArm):
        dead, stops = False, 0

        def _send(self, command: ArmCommand) -> ArmCommand:
            if self.dead:
                raise DeviceError("servo 3 does not answer")
            return super()._send(command)

        def _stop(self) -> None:
            self.stops += 1

    clock = HandClock()
    arm = DyingArm(clock.now_s)
    arm.connect()
    guard = ArmGuard(arm, clock)

    def die() -> None:
        with guard:
            lift_off(guard, clock)
            arm.dead = True
            lift_off(guard, clock)

    with pytest.raises(DeviceError, match="servo 3"):
        die()
    assert arm.stops == 1
    assert guard.fault == "servo 3 does not answer"
