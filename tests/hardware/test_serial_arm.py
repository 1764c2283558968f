"""SerialArm keeps the arms' contract on both protocols."""

import numpy as np
import pytest

from hardware.calibration import centred
from hardware.opening import bus_on
from hardware.servo_family import GOAL
from robot_wm.types import ArmTarget
from tests.contracts.arm_contract import ArmContract, Rig
from tests.hardware.rigs import PROTOCOLS, desk


@pytest.mark.parametrize("protocol", PROTOCOLS)
class TestSerialArm(ArmContract):
    @pytest.fixture(autouse=True)
    def _with_protocol(self, protocol: str) -> None:
        self._protocol = protocol

    def rig(self) -> Rig:
        made = desk(self._protocol)
        return Rig(made.arm, made.lockstep)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hold_stops_the_joints_and_keeps_the_grip(protocol: str) -> None:
    made = desk(protocol)
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


def test_parking_says_whether_it_came_to_rest() -> None:
    far = desk(pose_rad=np.array([1.9, -0.4, 0.4, 1.0, 2.8, 0.2]))  # more than the way of 3 s
    for made, parked in ((desk(), True), (far, False)):
        with made.arm:
            pass
        assert made.arm.parked is parked and not any(made.torque_on)
