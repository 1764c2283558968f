"""Laws of actions: steps of the commanded tool, on a leash, clipped; and the state vector's order."""

import numpy as np
import pytest

from robot_wm.actions import (
    ACTION_HIGH,
    ACTION_LOW,
    ACTION_NAMES,
    LEASH_M,
    STATE_NAMES,
    CartesianActions,
    state_vector,
)
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw
from robot_wm.types import ArmCommand, ArmState, Floats

SPEC = fake_spec()


@pytest.fixture(scope="module")
def actions() -> CartesianActions:
    return CartesianActions(Kinematics(SPEC))


@pytest.fixture(scope="module")
def q(actions: CartesianActions) -> Floats:
    return actions.kinematics.solve(ToolPose(np.array([0.2, 0.03, 0.05]), 0.2), SPEC.q_rest_rad)


def measured(q: Floats, gripper: float = 0.5) -> ArmState:
    return ArmState(q, np.arange(5.0), None, gripper, 1.0)


def sent(q: Floats) -> ArmCommand:
    return ArmCommand(q, 0.25, 1.0)


def test_bounds_belong_to_the_names() -> None:
    assert len(ACTION_NAMES) == len(ACTION_LOW) == len(ACTION_HIGH) == 5
    assert (ACTION_LOW < ACTION_HIGH).all()


def test_no_motion_keeps_the_commanded_joints(actions: CartesianActions, q: Floats) -> None:
    target = actions.target(np.array([0, 0, 0, 0, 0.7]), measured(q + 0.01), sent(q))
    np.testing.assert_allclose(target.q_rad, q, atol=1e-3)
    assert target.gripper == pytest.approx(0.7)


def test_a_step_moves_the_commanded_tool_by_it(actions: CartesianActions, q: Floats) -> None:
    step = np.array([0.01, -0.02, 0.005, 0.3, 1.0])
    before = actions.kinematics.forward(q)
    after = actions.kinematics.forward(actions.target(step, measured(q), sent(q)).q_rad)
    np.testing.assert_allclose(after.position_m - before.position_m, step[:3], atol=5e-4)
    assert wrapped_yaw(after.yaw_rad - before.yaw_rad) == pytest.approx(0.3, abs=5e-3)


def test_steps_are_clipped_to_the_bounds(actions: CartesianActions, q: Floats) -> None:
    far = actions.target(np.array([9.0, 0, 0, -9.0, 9.0]), measured(q), sent(q))
    most = actions.target(np.array([0.03, 0, 0, -0.4, 1.0]), measured(q), sent(q))
    np.testing.assert_array_equal(far.q_rad, most.q_rad)
    assert far.gripper == 1.0


def test_the_commanded_tool_never_leaves_the_leash(actions: CartesianActions, q: Floats) -> None:
    command = sent(q)
    here_m = actions.kinematics.forward(q).position_m
    for _ in range(6):  # the arm is stuck at q
        target = actions.target(np.array([0, 0.03, 0, 0, 0.5]), measured(q), command)
        command = sent(target.q_rad)
        assert np.linalg.norm(actions.kinematics.forward(command.q_rad).position_m - here_m) < LEASH_M + 1e-3
    assert np.linalg.norm(actions.kinematics.forward(command.q_rad).position_m - here_m) > LEASH_M - 2e-3


@pytest.mark.parametrize("action", [[np.nan, 0, 0, 0, 0], [0, 0, 0, 0, np.inf], [0, 0, 0, 0]])
def test_what_cannot_be_meant_asks_for_what_is_not_finite(
    actions: CartesianActions, q: Floats, action: list[float]
) -> None:
    target = actions.target(action, measured(q), sent(q))
    assert np.isnan(target.q_rad).all() and np.isnan(target.gripper)


def test_the_state_vector_is_as_named(actions: CartesianActions, q: Floats) -> None:
    q_sent = q + 0.05
    values = dict(zip(STATE_NAMES, state_vector(measured(q), sent(q_sent), actions.kinematics), strict=True))
    tool, tool_sent = actions.kinematics.forward(q), actions.kinematics.forward(q_sent)
    assert len(values) == 23
    assert values["q3"] == pytest.approx(q[3]) and values["dq4"] == 4.0 and values["gripper"] == 0.5
    assert values["tool_x"] == pytest.approx(tool.position_m[0])
    assert values["sin_2yaw"] == pytest.approx(np.sin(2 * tool.yaw_rad), abs=1e-6)
    assert values["tilt"] == pytest.approx(actions.kinematics.tilt(q), abs=1e-6)
    assert values["sent_z"] == pytest.approx(tool_sent.position_m[2])
    assert values["sent_cos_2yaw"] == pytest.approx(np.cos(2 * tool_sent.yaw_rad))
    assert values["sent_gripper"] == 0.25


def test_arms_with_other_numbers_of_joints_fit_the_state_vector(actions: CartesianActions) -> None:
    from robot_wm.actions import _five

    np.testing.assert_array_equal(_five(np.ones(4)), [1, 1, 1, 1, 0])
    np.testing.assert_array_equal(_five(np.arange(6.0)), [0, 1, 2, 3, 4])
