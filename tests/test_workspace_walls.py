"""At a wall of its workspace the tool slides along: limits and actions together never glue it there."""

import numpy as np
import pytest

from robot_wm.action_space import CartesianActions
from robot_wm.fake import FakeArm, FakeClock
from robot_wm.kinematics import Kinematics

DOWN_M = 0.03


@pytest.mark.parametrize("along", [(0.03, 0.0), (0.0, 0.03), (0.02, -0.02)])
def test_the_tool_slides_along_the_floor_while_pushed_into_it(along: tuple[float, float]) -> None:
    clock = FakeClock()
    arm = FakeArm(clock.now_s)
    kinematics = Kinematics(arm.spec)
    actions = CartesianActions(kinematics)

    def act(dx: float, dy: float) -> None:
        arm.command(actions.target((dx, dy, -DOWN_M, 0.0, 0.5), arm.read(), arm.sent))
        clock.wait_until(clock.now_s() + 0.1)

    with arm:
        for _ in range(10):
            act(0.0, 0.0)
        start_m = kinematics.forward(arm.sent.q_rad).position_m
        for _ in range(4):
            act(*along)
        end_m = kinematics.forward(arm.sent.q_rad).position_m
    assert start_m[2] == pytest.approx(arm.spec.workspace_min_m[2], abs=3e-3)
    assert end_m[2] == pytest.approx(arm.spec.workspace_min_m[2], abs=3e-3)
    np.testing.assert_allclose((end_m - start_m)[:2], 4 * np.array(along), atol=0.015)
