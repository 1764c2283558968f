"""The state machine: follows while the controller lives, holds in time, parks, releases, latches. In simulated time."""

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from hardware.arm.faults import ArmFaultError, Kind
from hardware.bus.base import ServoBus
from hardware.emulator.faults import Fault
from hardware.supervisor.state_machine import ControllerTimeouts, State, StateMachine
from robot_wm.errors import DeviceError
from robot_wm.types import ArmTarget
from tests.hardware.rigs import EmulatedRig, emulated_rig
from tests.hardware.unresponsive import IgnoresTorqueOff

CYCLE_S = 0.02


class Supervised:
    """An emulated arm with a state machine; time passes in cycles."""

    def __init__(
        self,
        timeouts: ControllerTimeouts | None = None,
        faults: tuple[Fault, ...] = (),
        wrap_bus: Callable[[ServoBus], ServoBus] = lambda bus: bus,
    ) -> None:
        self.rig: EmulatedRig = emulated_rig(faults=faults, wrap_bus=wrap_bus)
        self.said: list[str] = []
        self._timeouts = timeouts
        self.restart()

    def restart(self) -> None:
        """Start the arm and the state machine again, as a new supervisor process does."""
        self.rig.arm.close()
        self.rig.arm.connect()
        self.machine = StateMachine(self.rig.arm, self.rig.lockstep, self.said.append, self._timeouts)

    def now_s(self) -> float:
        return self.rig.lockstep.now_s()

    def live(self, seconds: float, beats: bool = True) -> None:
        end_s = self.now_s() + seconds
        while self.now_s() < end_s:
            if beats:
                self.machine.heartbeat()
            self.machine.cycle()
            self.rig.lockstep.wait_until(self.now_s() + CYCLE_S)

    def move(self, ticks: int = 5) -> None:
        """Commands to a pose far from rest, at ten a second."""
        target = ArmTarget(self.rig.arm.spec.q_rest_rad + np.array([1.0, 0.3, -0.3, -0.3, 1.0]), 0.9)
        for _ in range(ticks):
            self.machine.command(target)
            self.live(0.1)

    @property
    def away_rad(self) -> float:
        return float(np.abs(self.rig.joints.angles()[:5] - self.rig.arm.spec.q_rest_rad).max())


def test_before_the_first_command_silence_means_nothing() -> None:
    made = Supervised()
    made.live(5.0, beats=False)
    assert made.machine.state is State.READY
    assert all(made.rig.torque_on)


def test_a_silent_controller_is_held_within_two_tenths_of_a_second_and_goes_on_when_it_is_back() -> None:
    made = Supervised()
    made.move(3)
    made.live(0.2, beats=False)
    assert made.machine.state is State.HOLDING
    assert made.machine.hold_after_s is not None and made.machine.hold_after_s < 0.2
    still = made.rig.joints.angles()
    made.live(0.3, beats=True)
    np.testing.assert_allclose(made.rig.joints.angles(), still, atol=0.1)
    made.move(10)
    assert made.machine.state is State.MOVING
    assert made.away_rad > 0.5
    assert made.machine.status()["fault"] is None


@pytest.mark.parametrize("how", ["no beats", "no commands", "hung up"])
def test_a_controller_that_does_not_come_back_costs_the_fault_and_the_arm_is_parked_then_released(how: str) -> None:
    made = Supervised()
    made.move()
    assert made.away_rad > 0.5
    if how == "hung up":
        made.machine.controller_gone("gone")
    made.live(8.0, beats=how == "no commands")
    assert made.machine.state is State.RELEASED
    assert not any(made.rig.torque_on)
    assert made.away_rad < 0.1
    expected = Kind.CONTROLLER_GONE if how == "hung up" else Kind.CONTROLLER_HANGS
    assert made.machine.status()["kind"] == expected.value
    with pytest.raises(ArmFaultError, match=expected.value):
        made.machine.command(ArmTarget(made.rig.arm.spec.q_rest_rad, 0.5))
    assert not any(made.rig.torque_on)


def test_a_fault_stays_latched_until_the_arm_is_started_anew() -> None:
    made = Supervised()
    made.move(1)
    made.machine.emergency_stop("the key")
    made.live(1.0)
    assert not any(made.rig.torque_on)
    with pytest.raises(ArmFaultError, match="emergency stop: the key"):
        made.move(1)
    made.restart()
    made.move(2)
    assert made.machine.state is State.MOVING and all(made.rig.torque_on)


def test_the_emergency_stop_comes_through_while_parking() -> None:
    made = Supervised()
    made.move()
    made.machine.park()
    made.live(0.2)
    assert made.machine.state is State.PARKING
    with pytest.raises(DeviceError, match="being parked"):
        made.machine.command(ArmTarget(made.rig.arm.spec.q_rest_rad, 0.5))
    made.machine.emergency_stop("the key")
    made.live(0.1)
    assert made.machine.state is State.RELEASED
    assert not any(made.rig.torque_on)


def test_what_an_emergency_stop_could_not_release_is_tried_again_by_itself_and_by_the_next_one() -> None:
    deaf = {2, 6}
    made = Supervised(wrap_bus=lambda bus: cast(ServoBus, IgnoresTorqueOff(bus, deaf, [])))
    made.move(1)
    made.machine.emergency_stop("the key")
    assert made.machine.unreleased == ("servo 2 (shoulder_lift)", "servo 6 (gripper)")
    assert made.rig.torque_on == (False, True, False, False, False, True)
    deaf.remove(2)
    made.machine.emergency_stop("the key")
    assert made.machine.unreleased == ("servo 6 (gripper)",)
    deaf.clear()
    made.live(1.0)
    assert made.machine.status()["unreleased"] == []
    assert not any(made.rig.torque_on)
    assert made.machine.status()["kind"] == Kind.EMERGENCY_STOP.value


def test_parking_a_released_arm_moves_nothing_and_a_command_takes_it_up_again() -> None:
    made = Supervised()
    made.machine.park()
    made.live(0.5)
    made.machine.park()
    made.live(0.5)
    assert made.machine.state is State.RELEASED
    made.move(2)
    assert all(made.rig.torque_on)


def test_an_arm_that_was_parked_for_good_is_not_taken_up_by_the_next_command() -> None:
    made = Supervised()
    made.move(1)
    made.machine.park("parked by hand")
    made.live(5.0)
    assert made.machine.state is State.RELEASED
    with pytest.raises(DeviceError, match="parked by hand; restart"):
        made.move(1)
    assert not any(made.rig.torque_on)
    made.restart()
    made.move(1)
    assert all(made.rig.torque_on)


def test_a_controller_that_goes_while_an_alarm_stands_leaves_the_arm_released_and_the_alarm_latched() -> None:
    made = Supervised(faults=(Fault("overload", servos=(2,), from_s=1.5),))
    made.move(3)
    made.rig.lockstep.wait_until(1.6)
    made.machine.controller_gone("gone")
    assert made.machine.state is State.RELEASED
    assert made.machine.status()["kind"] == Kind.SERVO_ALARM.value
    assert not any(made.rig.torque_on)


def test_an_arm_that_overheats_is_released_and_says_which_joint() -> None:
    made = Supervised(faults=(Fault("hot", servos=(3,), from_s=1.5),))
    made.move()
    made.live(1.5 - made.now_s())
    made.live(0.2)
    assert made.machine.state is State.RELEASED
    assert made.machine.status()["kind"] == Kind.SERVO_ALARM.value  # at 95 degC the servo itself raises it
    assert not any(made.rig.torque_on)
    assert any("elbow_flex" in words and "overheating" in words for words in made.said)
