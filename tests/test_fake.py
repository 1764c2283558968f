"""The fakes keep the contracts that every arm and camera keeps."""

import numpy as np

from robot_wm.fake import FakeArm, FakeCamera, FakeClock
from robot_wm.types import ArmTarget, CameraSpec
from tests.contracts.arm_contract import ArmContract, Rig
from tests.contracts.camera_contract import CameraContract, CameraRig


class TestFakeArm(ArmContract):
    def rig(self) -> Rig:
        clock = FakeClock()
        return Rig(FakeArm(clock.now_s), clock, follows_within_rad=1e-9, gripper_within=1e-9)


class TestFakeCamera(CameraContract):
    def rig(self) -> CameraRig:
        clock = FakeClock()
        return CameraRig(FakeCamera(CameraSpec("overview", 8, 6, 10.0), now_s=clock.now_s), clock)


def test_the_fake_arm_is_where_it_was_told_to_be_at_once() -> None:
    clock = FakeClock()
    with FakeArm(clock.now_s) as arm:
        clock.wait_until(0.1)
        sent = arm.command(ArmTarget(arm.spec.q_rest_rad + 0.05, 0.6))
        state = arm.read()
    np.testing.assert_array_equal(state.q_rad, sent.q_rad)
    np.testing.assert_allclose(state.dq_rad_s, 0.5)
    assert state.gripper == 0.6


def test_the_fake_camera_shows_the_picture_it_was_given() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    with FakeCamera(CameraSpec("wrist", 2, 2, 10.0), picture) as camera:
        np.testing.assert_array_equal(camera.read().rgb, picture)


def test_the_fake_clock_never_goes_back() -> None:
    clock = FakeClock(5.0)
    clock.wait_until(3.0)
    assert clock.now_s() == 5.0
