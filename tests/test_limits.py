"""Laws of the limits: whatever is asked, what is sent can be followed, and can be stopped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robot_wm.fake import fake_spec, fake_tool_position
from robot_wm.limits import SLACK_M, Limits
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats

SPEC = fake_spec()
INTERVAL_S = 1.0 / SPEC.rate_hz
WILD = st.one_of(st.floats(-4.0, 4.0), st.floats(allow_nan=True, allow_infinity=True))
TARGETS = st.builds(
    lambda q, gripper: ArmTarget(np.array(q), gripper),
    st.lists(WILD, min_size=4, max_size=6),
    st.floats(allow_nan=True),
)
NEAR = st.builds(
    lambda q, gripper: ArmTarget(np.array(q), gripper),
    st.lists(st.floats(-2.5, 2.5), min_size=5, max_size=5),
    st.floats(-0.5, 1.5),
)
GAPS_S = st.one_of(st.just(INTERVAL_S), st.floats(1e-4, 0.19), st.just(0.3), st.just(0.0))


def at(q_rad: Floats, stamp_s: float = 0.0, gripper: float = 0.5) -> ArmState:
    return ArmState(q_rad, np.zeros(5), None, gripper, stamp_s)


def run(targets: list[tuple[ArmTarget, float]], start: Floats = SPEC.q_rest_rad) -> list[tuple[ArmCommand, float]]:
    """Send the targets, each after its gap; the commands sent, each with the time it had to move in."""
    limits, stamp_s, sent = Limits(SPEC, at(start), fake_tool_position), 0.0, []
    for target, gap_s in targets:
        stamp_s += gap_s
        command = limits.apply(target, at(limits.last.q_rad, stamp_s))
        limits.remember(command)
        sent.append((command, min(gap_s, INTERVAL_S) if len(sent) else INTERVAL_S))
    return sent


def outside_m(q_rad: Floats) -> float:
    tool = fake_tool_position(q_rad)
    return float(np.maximum(SPEC.workspace_min_m - tool, tool - SPEC.workspace_max_m).max())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.one_of(TARGETS, NEAR), GAPS_S), min_size=1, max_size=25))
def test_no_sequence_of_targets_breaks_a_limit(targets: list[tuple[ArmTarget, float]]) -> None:
    q, dq, gripper = SPEC.q_rest_rad, np.zeros(5), 0.5
    for (command, dt_s), (_, gap_s) in zip(run(targets), targets, strict=True):
        if gap_s > 2 * INTERVAL_S:
            dq = np.zeros(5)  # commands stopped coming, so the arm came to rest
        step = command.q_rad - q
        assert (np.abs(step) <= SPEC.dq_max_rad_s * dt_s + 1e-9).all(), (step, dt_s)
        if dt_s > 0:
            assert (np.abs(step - dq * dt_s) <= SPEC.ddq_max_rad_s2 * dt_s**2 + 1e-9).all(), (step / dt_s, dq)
            dq = step / dt_s
        assert (command.q_rad >= SPEC.q_min_rad - 1e-9).all() and (command.q_rad <= SPEC.q_max_rad + 1e-9).all()
        assert outside_m(command.q_rad) < SLACK_M + 1e-3
        assert 0.0 <= command.gripper <= 1.0
        assert abs(command.gripper - gripper) <= SPEC.gripper_rate_max * dt_s + 1e-9
        q, gripper = command.q_rad, command.gripper


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=5))
def test_a_target_inside_the_limits_is_reached_exactly_and_kept(offset: list[float]) -> None:
    target = ArmTarget(SPEC.q_rest_rad + 0.2 * np.array(offset), 0.7)
    commands = [command for command, _ in run([(target, INTERVAL_S)] * 10)]
    np.testing.assert_allclose(commands[-1].q_rad, target.q_rad, atol=1e-9)
    assert commands[-1].gripper == pytest.approx(0.7)
    assert commands[-1].limited == ()


def test_a_small_step_passes_unchanged_in_one_command() -> None:
    target = ArmTarget(SPEC.q_rest_rad + 0.05, 0.5)
    ((command, _),) = run([(target, INTERVAL_S)])
    np.testing.assert_allclose(command.q_rad, target.q_rad, atol=1e-12)
    assert command.limited == ()


def test_it_stops_without_overshoot() -> None:
    far = SPEC.q_rest_rad + np.array([1.0, 0, 0, 0, 0])
    pans = [command.q_rad[0] for command, _ in run([(ArmTarget(far, 0.5), INTERVAL_S)] * 20)]
    assert max(pans) <= 1.0 + 1e-9 and pans[-1] == pytest.approx(1.0)
    assert (np.diff(pans) >= -1e-12).all()


def test_the_reasons_name_limit_and_joint() -> None:
    q = SPEC.q_rest_rad.copy()
    q[4] += 0.5
    back = ArmTarget(SPEC.q_rest_rad - np.array([0, 0, 0, 0, 0.3]), 0.5)
    (first, _), (second, _) = run([(ArmTarget(q, 2.0), INTERVAL_S), (back, INTERVAL_S)])
    assert first.limited == ("velocity:wrist_roll", "position:gripper", "velocity:gripper")
    assert second.limited == ("velocity:wrist_roll", "acceleration:wrist_roll")
    q[4] = 9.0
    ((command, _),) = run([(ArmTarget(q, 0.5), INTERVAL_S)])
    assert "position:wrist_roll" in command.limited


@pytest.mark.parametrize(
    ("q", "gripper", "reason"),
    [
        (np.full(5, np.nan), 0.5, "hold:not_finite"),
        (np.zeros(5), np.inf, "hold:not_finite"),
        (np.zeros(6), 0.5, "hold:wrong_length"),
        (np.zeros((5, 1)), 0.5, "hold:wrong_length"),
    ],
)
def test_a_target_that_cannot_be_meant_is_a_hold(q: Floats, gripper: float, reason: str) -> None:
    ((command, _),) = run([(ArmTarget(q, gripper), INTERVAL_S)])
    np.testing.assert_array_equal(command.q_rad, SPEC.q_rest_rad)
    assert command.limited == (reason,)


def test_the_tool_stays_in_its_box_and_says_so() -> None:
    low = SPEC.q_rest_rad + np.array([0, 0.8, 0.3, -0.3, 0])  # leans forward, into the table
    commands = [command for command, _ in run([(ArmTarget(low, 0.5), INTERVAL_S)] * 15)]
    assert all(outside_m(command.q_rad) < SLACK_M + 1e-3 for command in commands)
    assert "workspace" in commands[-1].limited
    assert outside_m(commands[-1].q_rad) > -0.02  # it went up to the border


def test_an_arm_found_outside_its_box_and_ranges_may_come_back_but_not_go_further() -> None:
    start = SPEC.q_rest_rad + np.array([SPEC.q_max_rad[0] + 0.05, 0, 0, 0, 0])
    assert outside_m(start) > 0.0
    further = ArmTarget(start + np.array([0.5, 0, 0, 0, 0]), 0.5)
    assert run([(further, INTERVAL_S)] * 5, start)[-1][0].q_rad[0] <= start[0] + 1e-9
    back = [command for command, _ in run([(ArmTarget(SPEC.q_rest_rad, 0.5), INTERVAL_S)] * 40, start)]
    np.testing.assert_allclose(back[-1].q_rad, SPEC.q_rest_rad, atol=1e-6)


def test_a_late_command_gets_no_longer_step() -> None:
    far = ArmTarget(SPEC.q_rest_rad + np.array([1.0, 0, 0, 0, 0]), 0.5)
    (in_time, _), (second, _) = run([(far, INTERVAL_S)] * 2)
    (_, _), (late, _) = run([(far, INTERVAL_S), (far, 5.0)])
    assert late.q_rad[0] - in_time.q_rad[0] <= second.q_rad[0] - in_time.q_rad[0]


def test_what_was_really_sent_is_what_the_next_command_starts_from() -> None:
    limits = Limits(SPEC, at(SPEC.q_rest_rad), fake_tool_position)
    command = limits.apply(ArmTarget(SPEC.q_rest_rad + 0.05, 0.5), at(SPEC.q_rest_rad, INTERVAL_S))
    rounded = ArmCommand(np.round(command.q_rad, 2), command.gripper, command.stamp_s)
    limits.remember(rounded)
    assert limits.last is rounded
