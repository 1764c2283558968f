"""What every arm must do. An implementation's test inherits `ArmContract` and overrides `rig`; pytest does the rest.

class TestMyArm(ArmContract):
    def rig(self) -> Rig:
        ...
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from robot_wm.arm import Arm
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmTarget, Floats


@dataclass(frozen=True)
class Rig:
    """An arm that is not connected, at its rest pose, and the clock that moves it along."""

    arm: Arm
    clock: Clock
    follows_within_rad: float = 0.06  # of a command at rest: backlash, dead band, sag
    gripper_within: float = 0.1


class ArmContract:
    """The laws. Each test gets a fresh rig."""

    def rig(self) -> Rig:
        """The one method to override."""
        raise NotImplementedError

    def test_the_spec_is_readable_before_connecting_and_makes_sense(self) -> None:
        spec = self.rig().arm.spec
        assert spec.name and len(set(spec.joint_names)) == spec.n_joints > 0
        for per_joint in (spec.q_min_rad, spec.q_max_rad, spec.dq_max_rad_s, spec.ddq_max_rad_s2, spec.q_rest_rad):
            assert per_joint.shape == (spec.n_joints,)
        assert (spec.q_min_rad < spec.q_max_rad).all()
        assert (spec.q_min_rad <= spec.q_rest_rad).all() and (spec.q_rest_rad <= spec.q_max_rad).all()
        assert (spec.dq_max_rad_s > 0).all() and (spec.ddq_max_rad_s2 > 0).all()
        assert spec.rate_hz > 0 and spec.gripper_rate_max > 0 and 0 <= spec.gripper_rest <= 1
        assert (spec.workspace_min_m < spec.workspace_max_m).all()

    def test_the_rest_pose_is_inside_the_workspace(self) -> None:
        spec = self.rig().arm.spec
        tool_m = Kinematics(spec).forward(spec.q_rest_rad).position_m
        assert (spec.workspace_min_m <= tool_m).all() and (tool_m <= spec.workspace_max_m).all(), tool_m

    def test_limits_and_kinematics_agree_where_the_tool_is(self) -> None:
        arm = self.rig().arm
        spec, rng = arm.spec, np.random.default_rng(0)
        kinematics = Kinematics(spec)
        for q in rng.uniform(spec.q_min_rad, spec.q_max_rad, (20, spec.n_joints)):
            np.testing.assert_allclose(arm._tool_position(q), kinematics.forward(q).position_m, atol=1e-4)

    def test_what_the_base_class_guards_is_not_overridden(self) -> None:
        kind = type(self.rig().arm)
        for name in ("connect", "close", "read", "command", "stop", "sent", "__enter__", "__exit__"):
            assert getattr(kind, name) is getattr(Arm, name), f"{kind.__name__} overrides {name}"

    def test_unconnected_it_serves_nobody_and_may_be_stopped_and_closed(self) -> None:
        arm = self.rig().arm
        arm.stop()
        arm.close()
        with pytest.raises(DeviceError, match="not connected"):
            arm.read()
        with pytest.raises(DeviceError, match="not connected"):
            arm.command(ArmTarget(arm.spec.q_rest_rad, 0.5))
        with pytest.raises(DeviceError, match="not connected"):
            _ = arm.sent

    def test_connecting_twice_is_once_and_closing_ends_it(self) -> None:
        arm = self.rig().arm
        arm.connect()
        arm.connect()
        arm.read()
        arm.stop()
        arm.stop()
        arm.close()
        arm.close()
        arm.stop()
        with pytest.raises(DeviceError):
            arm.read()

    def test_it_can_be_connected_again(self) -> None:
        arm = self.rig().arm
        for _ in range(2):
            with arm:
                arm.read()

    def test_an_error_in_the_block_still_closes_it(self) -> None:
        arm = self.rig().arm
        with pytest.raises(ZeroDivisionError), arm:
            _ = 1 / 0
        with pytest.raises(DeviceError):
            arm.read()

    def test_states_are_fresh_whole_and_not_to_be_written(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            first = arm.read()
            rig.clock.wait_until(rig.clock.now_s() + 0.1)
            second = arm.read()
        assert first is not second and second.stamp_s > first.stamp_s
        for state in (first, second):
            assert state.q_rad.shape == state.dq_rad_s.shape == (arm.spec.n_joints,)
            assert np.isfinite(state.q_rad).all() and np.isfinite(state.dq_rad_s).all()
            assert state.effort is None or state.effort.shape == (arm.spec.n_joints,)
            assert 0.0 <= state.gripper <= 1.0
            assert not state.q_rad.flags.writeable

    def test_connecting_moves_nothing(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            before = arm.read()
            rig.clock.wait_until(rig.clock.now_s() + 0.5)
            np.testing.assert_allclose(arm.read().q_rad, before.q_rad, atol=rig.follows_within_rad)
            assert arm.sent.limited == ()

    def test_a_reachable_target_is_reached(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            q = _inside(arm, 0.15)
            sent = _pursue(rig, ArmTarget(q, 0.9))
            state = arm.read()
            assert arm.sent is sent
        np.testing.assert_allclose(sent.q_rad, q, atol=5e-3)
        np.testing.assert_allclose(state.q_rad, q, atol=rig.follows_within_rad)
        assert state.gripper == pytest.approx(0.9, abs=rig.gripper_within)

    def test_a_jump_is_limited_and_says_so(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            spec, before = arm.spec, arm.sent
            sent = arm.command(ArmTarget(before.q_rad + 10.0, 0.5))
        allowed_rad = spec.dq_max_rad_s / spec.rate_hz + 2e-3  # the device may round
        assert (np.abs(sent.q_rad - before.q_rad) <= allowed_rad).all()
        assert f"position:{spec.joint_names[0]}" in sent.limited
        assert f"velocity:{spec.joint_names[0]}" in sent.limited

    def test_what_was_sent_comes_with_what_the_limits_allowed(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            sent = arm.command(ArmTarget(arm.sent.q_rad + 0.3, 0.5))
        allowed = sent.allowed
        assert allowed is not None and allowed.allowed is None
        assert set(allowed.limited) and set(allowed.limited) <= set(sent.limited)
        np.testing.assert_allclose(sent.q_rad, allowed.q_rad, atol=2e-3)  # the device may round

    @pytest.mark.parametrize("fault", ["nan", "inf", "short", "gripper"])
    def test_a_target_that_cannot_be_meant_costs_a_hold(self, fault: str) -> None:
        rig = self.rig()
        with rig.arm as arm:
            before = arm.sent
            sent = arm.command(_broken(ArmTarget(before.q_rad, before.gripper), fault))
        np.testing.assert_allclose(sent.q_rad, before.q_rad, atol=2e-3)
        assert len(sent.limited) == 1 and sent.limited[0].startswith("hold:")

    def test_after_a_stop_it_goes_on_from_where_it_is(self) -> None:
        rig = self.rig()
        with rig.arm as arm:
            arm.stop()
            rig.clock.wait_until(rig.clock.now_s() + 0.5)
            found = arm.read()
            sent = arm.command(ArmTarget(found.q_rad, found.gripper))
        np.testing.assert_allclose(sent.q_rad, found.q_rad, atol=2e-3)


def _inside(arm: Arm, step_rad: float) -> Floats:
    """Joint angles (n,) `step_rad` from rest in every joint, with the tool as deep inside its workspace as may be."""
    spec = arm.spec
    middle = (spec.q_min_rad + spec.q_max_rad) / 2.0
    kinematics, signs = Kinematics(spec), np.sign(middle - spec.q_rest_rad + 1e-9)
    candidates = [spec.q_rest_rad + step_rad * signs * flip for flip in _flips(spec.n_joints)]
    inside = [q for q in candidates if (q >= spec.q_min_rad).all() and (q <= spec.q_max_rad).all()]
    return max(
        inside, key=lambda q: _margin_m(kinematics.forward(q).position_m, spec.workspace_min_m, spec.workspace_max_m)
    )


def _flips(n: int) -> list[Floats]:
    """A few patterns of signs (n,)."""
    rng = np.random.default_rng(0)
    return [np.ones(n), *rng.choice([-1.0, 1.0], (30, n))]


def _margin_m(position_m: Floats, low_m: Floats, high_m: Floats) -> float:
    return float(np.minimum(position_m - low_m, high_m - position_m).min())


def _pursue(rig: Rig, target: ArmTarget, seconds: float = 2.5) -> ArmCommand:
    """Command the same target at the arm's rate; the last command sent."""
    sent = rig.arm.sent
    for _ in range(int(seconds * rig.arm.spec.rate_hz)):
        sent = rig.arm.command(target)
        rig.clock.wait_until(rig.clock.now_s() + 1.0 / rig.arm.spec.rate_hz)
    return sent


def _broken(target: ArmTarget, fault: str) -> ArmTarget:
    if fault == "gripper":
        return replace(target, gripper=float("nan"))
    if fault == "short":
        return replace(target, q_rad=target.q_rad[:-1])
    q = target.q_rad.copy()
    q[0] = float(fault)
    return replace(target, q_rad=q)
