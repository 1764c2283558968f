"""Laws of the kinematics: forward and inverse undo each other, the ranges hold, yaw is the gripper's."""

from dataclasses import replace

import numpy as np
import pytest

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.fake import fake_spec, fake_tool_position
from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw

SPEC = fake_spec()
PAN_X_M = 0.0388


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(SPEC)


def poses(count: int) -> list[ToolPose]:
    """Random poses over the table where the arm can point straight down."""
    rng = np.random.default_rng(0)
    radius, angle, z = rng.uniform(0.12, 0.22, count), rng.uniform(-1.0, 1.0, count), rng.uniform(0.012, 0.065, count)
    points = np.stack([PAN_X_M + radius * np.cos(angle), radius * np.sin(angle), z], axis=1)
    return [ToolPose(point, yaw) for point, yaw in zip(points, rng.uniform(-1.5, 1.5, count), strict=True)]


def test_forward_agrees_with_turning_about_each_axis(kinematics: Kinematics) -> None:
    for q in np.random.default_rng(1).uniform(SPEC.q_min_rad, SPEC.q_max_rad, (50, 5)):
        np.testing.assert_allclose(kinematics.forward(q).position_m, fake_tool_position(q), atol=1e-6)


def test_forward_undoes_solve_within_a_millimetre(kinematics: Kinematics) -> None:
    for pose in poses(100):
        q = kinematics.solve(pose, SPEC.q_rest_rad)
        reached = kinematics.forward(q)
        assert np.linalg.norm(reached.position_m - pose.position_m) < 1e-3
        assert abs(wrapped_yaw(reached.yaw_rad - pose.yaw_rad)) < 5e-3
        assert kinematics.tilt(q) < 5e-3


def test_solve_stays_in_the_joint_ranges_wherever_it_is_sent(kinematics: Kinematics) -> None:
    for point in np.random.default_rng(2).uniform([-0.5, -0.5, -0.3], [0.6, 0.5, 0.6], (40, 3)):
        q = kinematics.solve(ToolPose(point, 0.3), SPEC.q_rest_rad)
        assert np.isfinite(q).all()
        assert (SPEC.q_min_rad <= q).all() and (q <= SPEC.q_max_rad).all()


def test_where_it_cannot_point_down_the_place_comes_before_the_direction(kinematics: Kinematics) -> None:
    high = ToolPose(np.array([0.20, 0.0, 0.12]), 0.0)
    q = kinematics.solve(high, SPEC.q_rest_rad)
    assert np.linalg.norm(kinematics.forward(q).position_m - high.position_m) < 2e-3
    assert kinematics.tilt(q) > 0.05


def test_a_solved_pose_is_left_alone(kinematics: Kinematics) -> None:
    for pose in poses(10):
        q = kinematics.solve(pose, SPEC.q_rest_rad)
        np.testing.assert_allclose(kinematics.solve(pose, q), q, atol=1e-9)


def test_solve_remembers_nothing(kinematics: Kinematics) -> None:
    first, other = poses(2)
    q = kinematics.solve(first, SPEC.q_rest_rad)
    kinematics.solve(other, SPEC.q_rest_rad)
    np.testing.assert_array_equal(kinematics.solve(first, SPEC.q_rest_rad), q)


def test_yaws_that_differ_by_pi_are_one(kinematics: Kinematics) -> None:
    for pose in poses(10):
        turned = replace(pose, yaw_rad=pose.yaw_rad + np.pi)
        np.testing.assert_allclose(
            kinematics.solve(turned, SPEC.q_rest_rad), kinematics.solve(pose, SPEC.q_rest_rad), atol=1e-6
        )


def test_yaw_turns_with_the_roll_and_against_the_pan(kinematics: Kinematics) -> None:
    q = kinematics.solve(ToolPose(np.array([0.2, 0.0, 0.05]), 0.0), SPEC.q_rest_rad)
    assert kinematics.forward(q + np.array([0, 0, 0, 0, 0.3])).yaw_rad == pytest.approx(0.3, abs=1e-3)
    assert kinematics.forward(q + np.array([0.3, 0, 0, 0, 0])).yaw_rad == pytest.approx(-0.3, abs=1e-3)


@pytest.mark.parametrize(
    ("yaw", "wrapped"),
    [(0.0, 0.0), (np.pi / 2, np.pi / 2), (-np.pi / 2, np.pi / 2), (3.0, 3.0 - np.pi), (7.0, 7.0 - 2 * np.pi)],
)
def test_wrapped_yaw(yaw: float, wrapped: float) -> None:
    assert wrapped_yaw(yaw) == pytest.approx(wrapped)


def test_what_is_not_in_the_model_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown tool site 'tol'.*Did you mean 'tool'"):
        Kinematics(replace(SPEC, tool_frame="tol"))
    with pytest.raises(UnknownNameError, match="unknown joint 'elbow'"):
        Kinematics(replace(SPEC, joint_names=("shoulder_pan", "elbow")))
    with pytest.raises(ConfigError, match=r"'/nowhere\.xml' cannot be read"):
        Kinematics(replace(SPEC, mjcf="/nowhere.xml"))
