"""SerialArm keeps the arms' contract on both protocols."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.arm.calibration import centred
from hardware.arm.config import GuardConfig
from hardware.arm.servo_family import GOAL
from hardware.buses import bus_on
from robot_wm.types import ArmTarget
from tests.contracts.arm_contract import ArmContract, Rig
from tests.hardware.rigs import PROTOCOLS, emulated_rig, so101


@pytest.mark.parametrize("protocol", PROTOCOLS)
class TestSerialArm(ArmContract):
    @pytest.fixture(autouse=True)
    def _with_protocol(self, protocol: str) -> None:
        self._protocol = protocol

    def rig(self) -> Rig:
        made = emulated_rig(self._protocol)
        return Rig(made.arm, made.lockstep)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hold_stops_the_joints_and_keeps_the_grip(protocol: str) -> None:
    made = emulated_rig(protocol)
    bus = bus_on(made.lockstep.open_port(), protocol)

    def goals_rad() -> np.ndarray:
        ticks = {servo: bus.read(servo, GOAL) for servo in made.config.servos}
        return centred("so101", made.config.all_joints).angles_rad(ticks)

    with made.arm as arm:
        made.run(ArmTarget(arm.read().q_rad + 0.3, 0.0), 0.2)
        asked = goals_rad()
        arm.hold()
        assert goals_rad()[-1] == asked[-1]
        np.testing.assert_allclose(goals_rad()[:-1], arm.read().q_rad, atol=0.02)


@pytest.mark.parametrize("end", ["q_min_rad", "q_max_rad"])
def test_parking_comes_to_rest_from_the_ends_of_all_joints(end: str) -> None:
    made = emulated_rig(pose_rad=np.array([*(0.99 * getattr(joint, end) for joint in so101().joints), 0.2]))
    with made.arm:
        pass
    assert made.arm.parked and not any(made.torque_on)


def test_parking_ends_in_time_and_says_that_it_did_not_come_to_rest() -> None:
    hasty = replace(so101(), guard=GuardConfig(park_s=3.0))
    made = emulated_rig(config=hasty, pose_rad=np.array([1.9, -0.4, 0.4, 1.0, 2.8, 0.2]))
    with made.arm:
        pass
    assert not made.arm.parked and not any(made.torque_on)
