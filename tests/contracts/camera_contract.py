"""What every camera must do. An implementation's test inherits `CameraContract` and overrides `rig`."""

from dataclasses import dataclass

import numpy as np
import pytest

from robot_wm.camera import Camera
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError


@dataclass(frozen=True)
class CameraRig:
    """A camera that is not connected, and its clock."""

    camera: Camera
    clock: Clock


class CameraContract:
    """The laws. Each test gets a fresh rig."""

    def rig(self) -> CameraRig:
        """The one method to override."""
        raise NotImplementedError

    def test_the_spec_is_readable_before_connecting(self) -> None:
        spec = self.rig().camera.spec
        assert spec.name and spec.height > 0 and spec.width > 0 and spec.rate_hz > 0

    def test_unconnected_it_sees_nothing_and_may_be_closed(self) -> None:
        camera = self.rig().camera
        camera.close()
        with pytest.raises(DeviceError, match="not connected"):
            camera.read()

    def test_frames_are_as_the_spec_says(self) -> None:
        with self.rig().camera as camera:
            frame = camera.read()
        assert frame.rgb.shape == (camera.spec.height, camera.spec.width, 3)
        assert frame.rgb.dtype == np.uint8
        assert not frame.rgb.flags.writeable

    def test_frames_are_fresh_and_their_stamps_never_go_back(self) -> None:
        rig = self.rig()
        with rig.camera as camera:
            first = camera.read()
            rig.clock.wait_until(rig.clock.now_s() + 2.0 / camera.spec.rate_hz)
            second = camera.read()
        assert first is not second
        assert second.stamp_s > first.stamp_s

    def test_connecting_twice_is_once_and_closing_ends_it(self) -> None:
        camera = self.rig().camera
        camera.connect()
        camera.connect()
        camera.read()
        camera.close()
        camera.close()
        with pytest.raises(DeviceError):
            camera.read()

    def test_it_can_be_connected_again(self) -> None:
        camera = self.rig().camera
        for _ in range(2):
            with camera:
                camera.read()

    def test_an_error_in_the_block_still_closes_it(self) -> None:
        camera = self.rig().camera
        with pytest.raises(ZeroDivisionError), camera:
            _ = 1 / 0
        with pytest.raises(DeviceError):
            camera.read()
