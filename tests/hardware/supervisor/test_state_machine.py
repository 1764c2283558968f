"""The keeper: follows while the controller lives, holds in time, parks, releases, latches. In simulated time."""

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from hardware.arm.faults import ArmFaultError, Kind
from hardware.bus.base import ServoBus
from hardware.emulator.faults import Fault
from hardware.supervisor.state_machine import StateMachine, ControllerTimeouts, State
from robot_wm.errors import DeviceError
from robot_wm.types import ArmTarget
from tests.hardware.unresponsive import IgnoresTorqueOff
from tests.hardware.rigs import EmulatedRig, emulated_rig

CYCLE_S = 0.02


class Kept:
    """A desk with a keeper, and time that passes in cycles."""

    def __init__(
        self,
        patience: ControllerTimeouts | None = None,
        faults: tuple[Fault, ...] = (),
        wrap_bus: Callable[[ServoBus], ServoBus] = lambda bus: bus,
    ) -> None:
        self.rig: EmulatedRig = emulated_rig(faults=faults, wrap_bus=wrap_bus)
        self.said: list[str] = []
        self._patience = patience
        self.start_anew()

    def start_anew(self) -> None:
        """As a supervisor's process does once in its life."""
        self.rig.arm.close()
        self.rig.arm.connect()
        self.keeper = StateMachine(self.rig.arm, self.rig.lockstep, self.said.append, self._patience)

    def now_s(self) -> float:
        return self.rig.lockstep.now_s()

    def live(self, seconds: float, beats: bool = True) -> None:
        end_s = self.now_s() + seconds
        while self.now_s() < end_s:
            if beats:
                self.keeper.heartbeat()
            self.keeper.cycle()
            self.rig.lockstep.wait_until(self.now_s() + CYCLE_S)

    def move(self, ticks: int = 5) -> None:
        """Commands to a pose far from rest, at ten a second."""
        target = ArmTarget(self.rig.arm.spec.q_rest_rad + np.array([1.0, 0.3, -0.3, -0.3, 1.0]), 0.9)
        for _ in range(ticks):
            self.keeper.command(target)
            self.live(0.1)

    @property
    def away_rad(self) -> float:
        return float(np.abs(self.rig.joints.angles()[:5] - self.rig.arm.spec.q_rest_rad).max())


def test_before_the_first_command_silence_means_nothing() -> None:
    kept = Kept()
    kept.live(5.0, beats=False)
    assert kept.keeper.state is State.READY
    assert all(kept.rig.torque_on)


def test_a_silent_controller_is_held_within_two_tenths_of_a_second_and_goes_on_when_it_is_back() -> None:
    kept = Kept()
    kept.move(3)
    kept.live(0.2, beats=False)
    assert kept.keeper.state is State.HOLDING
    assert kept.keeper.hold_after_s is not None and kept.keeper.hold_after_s < 0.2
    still = kept.rig.joints.angles()
    kept.live(0.3, beats=True)
    np.testing.assert_allclose(kept.rig.joints.angles(), still, atol=0.1)
    kept.move(10)
    assert kept.keeper.state is State.MOVING
    assert kept.away_rad > 0.5
    assert kept.keeper.status()["fault"] is None


@pytest.mark.parametrize("how", ["no beats", "no commands", "hung up"])
def test_a_controller_that_does_not_come_back_costs_the_fault_and_the_arm_is_parked_then_released(how: str) -> None:
    kept = Kept()
    kept.move()
    assert kept.away_rad > 0.5
    if how == "hung up":
        kept.keeper.controller_gone("gone")
    kept.live(8.0, beats=how == "no commands")
    assert kept.keeper.state is State.RELEASED
    assert not any(kept.rig.torque_on)
    assert kept.away_rad < 0.1
    expected = Kind.CONTROLLER_GONE if how == "hung up" else Kind.CONTROLLER_HANGS
    assert kept.keeper.status()["kind"] == expected.value
    with pytest.raises(ArmFaultError, match=expected.value):
        kept.keeper.command(ArmTarget(kept.rig.arm.spec.q_rest_rad, 0.5))
    assert not any(kept.rig.torque_on)


def test_a_fault_stays_latched_until_the_arm_is_started_anew() -> None:
    kept = Kept()
    kept.move(1)
    kept.keeper.emergency_stop("the key")
    kept.live(1.0)
    assert not any(kept.rig.torque_on)
    with pytest.raises(ArmFaultError, match="emergency stop: the key"):
        kept.move(1)
    kept.start_anew()
    kept.move(2)
    assert kept.keeper.state is State.MOVING and all(kept.rig.torque_on)


def test_the_emergency_stop_comes_through_while_parking() -> None:
    kept = Kept()
    kept.move()
    kept.keeper.park()
    kept.live(0.2)
    assert kept.keeper.state is State.PARKING
    with pytest.raises(DeviceError, match="being parked"):
        kept.keeper.command(ArmTarget(kept.rig.arm.spec.q_rest_rad, 0.5))
    kept.keeper.emergency_stop("the key")
    kept.live(0.1)
    assert kept.keeper.state is State.RELEASED
    assert not any(kept.rig.torque_on)


def test_what_an_emergency_stop_could_not_release_is_tried_again_by_itself_and_by_the_next_one() -> None:
    deaf = {2, 6}
    kept = Kept(wrap_bus=lambda bus: cast(ServoBus, IgnoresTorqueOff(bus, deaf, [])))
    kept.move(1)
    kept.keeper.emergency_stop("the key")
    assert kept.keeper.unreleased == ("servo 2 (shoulder_lift)", "servo 6 (gripper)")
    assert kept.rig.torque_on == (False, True, False, False, False, True)
    deaf.remove(2)
    kept.keeper.emergency_stop("the key")
    assert kept.keeper.unreleased == ("servo 6 (gripper)",)
    deaf.clear()
    kept.live(1.0)
    assert kept.keeper.status()["unreleased"] == []
    assert not any(kept.rig.torque_on)
    assert kept.keeper.status()["kind"] == Kind.EMERGENCY_STOP.value


def test_parking_a_released_arm_moves_nothing_and_a_command_takes_it_up_again() -> None:
    kept = Kept()
    kept.keeper.park()
    kept.live(0.5)
    kept.keeper.park()
    kept.live(0.5)
    assert kept.keeper.state is State.RELEASED
    kept.move(2)
    assert all(kept.rig.torque_on)


def test_an_arm_that_was_parked_for_good_is_not_taken_up_by_the_next_command() -> None:
    kept = Kept()
    kept.move(1)
    kept.keeper.park("parked by hand")
    kept.live(5.0)
    assert kept.keeper.state is State.RELEASED
    with pytest.raises(DeviceError, match="parked by hand; start anew"):
        kept.move(1)
    assert not any(kept.rig.torque_on)
    kept.start_anew()
    kept.move(1)
    assert all(kept.rig.torque_on)


def test_a_controller_that_goes_while_an_alarm_stands_leaves_the_arm_released_and_the_alarm_latched() -> None:
    kept = Kept(faults=(Fault("overload", servos=(2,), from_s=1.5),))
    kept.move(3)
    kept.rig.lockstep.wait_until(1.6)
    kept.keeper.controller_gone("gone")
    assert kept.keeper.state is State.RELEASED
    assert kept.keeper.status()["kind"] == Kind.SERVO_ALARM.value
    assert not any(kept.rig.torque_on)


def test_an_arm_that_overheats_is_released_and_says_which_joint() -> None:
    kept = Kept(faults=(Fault("hot", servos=(3,), from_s=1.5),))
    kept.move()
    kept.live(1.5 - kept.now_s())
    kept.live(0.2)
    assert kept.keeper.state is State.RELEASED
    assert kept.keeper.status()["kind"] == Kind.SERVO_ALARM.value  # at 95 degC the servo itself raises it
    assert not any(kept.rig.torque_on)
    assert any("elbow_flex" in words and "overheating" in words for words in kept.said)
