"""Laws of action spaces: bounded steps of what is commanded, on a leash; and the state vector's order."""

import numpy as np
import pytest

from robot_wm.action_space import LEASH_M, LEASH_TICKS, ActionSpace, CartesianActions, JointActions
from robot_wm.errors import ConfigError
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw
from robot_wm.proprioception import state_names, state_vector
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


@pytest.fixture(scope="module", params=["cartesian", "joint"])
def space(request: pytest.FixtureRequest, actions: CartesianActions) -> ActionSpace:
    return actions if request.param == "cartesian" else JointActions(SPEC)


def test_names_and_bounds_belong_together_and_are_read_only(space: ActionSpace) -> None:
    assert len(space.names) == len(space.low) == len(space.high)
    assert (space.low < space.high).all()
    assert not space.low.flags.writeable and not space.high.flags.writeable
    assert space.names[-1] == "gripper" and (space.low[-1], space.high[-1]) == (0.0, 1.0)


def test_a_hold_keeps_the_command_in_force(space: ActionSpace, q: Floats) -> None:
    target = space.target(space.hold(sent(q)), measured(q + 0.01), sent(q))
    np.testing.assert_allclose(target.q_rad, q, atol=1e-3)
    assert target.gripper == sent(q).gripper


def test_what_is_not_finite_or_of_another_size_asks_for_what_is_not_finite(space: ActionSpace, q: Floats) -> None:
    for action in ([np.nan] * len(space.names), [0.0] * (len(space.names) + 1)):
        target = space.target(action, measured(q), sent(q))
        assert np.isnan(target.q_rad).all() and np.isnan(target.gripper)


def test_a_joint_step_moves_that_joint_within_its_speed_limit(q: Floats) -> None:
    joints = JointActions(SPEC)
    assert joints.names == (
        "d_shoulder_pan",
        "d_shoulder_lift",
        "d_elbow_flex",
        "d_wrist_flex",
        "d_wrist_roll",
        "gripper",
    )
    np.testing.assert_allclose(joints.high[:-1], SPEC.dq_max_rad_s / SPEC.rate_hz)
    step = np.array([0.1, 0.0, 0.0, 0.0, -9.0, 0.5])
    moved = joints.target(step, measured(q), sent(q)).q_rad - q
    np.testing.assert_allclose(moved, [0.1, 0.0, 0.0, 0.0, joints.low[4]], atol=1e-12)


def test_commanded_joints_stay_on_the_leash_and_inside_the_ranges(q: Floats) -> None:
    joints, command = JointActions(SPEC), sent(q)
    for _ in range(8):  # the arm is stuck at q
        command = sent(joints.target(joints.high, measured(q), command).q_rad)
    assert (np.abs(command.q_rad - q) <= LEASH_TICKS * joints.high[:-1] + 1e-12).all()
    assert (command.q_rad <= SPEC.q_max_rad).all()


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
    values = dict(zip(state_names(5), state_vector(measured(q), sent(q_sent), actions.kinematics), strict=True))
    tool, tool_sent = actions.kinematics.forward(q), actions.kinematics.forward(q_sent)
    assert len(values) == 23
    assert values["q3"] == pytest.approx(q[3]) and values["dq4"] == 4.0 and values["gripper"] == 0.5
    assert values["tool_x"] == pytest.approx(tool.position_m[0])
    assert values["sin_2yaw"] == pytest.approx(np.sin(2 * tool.yaw_rad), abs=1e-6)
    assert values["tilt"] == pytest.approx(actions.kinematics.tilt(q), abs=1e-6)
    assert values["sent_z"] == pytest.approx(tool_sent.position_m[2])
    assert values["sent_cos_2yaw"] == pytest.approx(np.cos(2 * tool_sent.yaw_rad))
    assert values["sent_gripper"] == 0.25


def test_every_joint_is_in_the_state_and_none_is_made_up() -> None:
    assert state_names(7)[:8] == ("q0", "q1", "q2", "q3", "q4", "q5", "q6", "dq0")
    assert len(state_names(4)) == 2 * 4 + 13
    assert state_names(6)[-12:] == state_names(5)[-12:]


def test_a_state_of_another_arm_is_refused(actions: CartesianActions, q: Floats) -> None:
    six = ArmState(np.zeros(6), np.zeros(6), None, 0.5, 1.0)
    with pytest.raises(ConfigError, match="arm 'fake' has 5 joints, received 6 joint angles"):
        state_vector(six, sent(q), actions.kinematics)
