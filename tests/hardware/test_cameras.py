"""Cameras: the contract on a real video file, the newest picture only, and every way in which one can be gone."""

import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.cameras import CameraConfig, OpenCVCamera, fitted, open_cameras
from hardware.emulator.pictures import PictureFile
from robot_wm.control.clock import RealClock
from robot_wm.errors import ConfigError, DeviceError
from tests.contracts.camera_contract import CameraContract, CameraRig


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute in which every picture is of one grey."""
    path = tmp_path_factory.mktemp("video") / "grey.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (64, 48))
    for number in range(900):
        writer.write(np.full((48, 64, 3), number % 250, np.uint8))
    writer.release()
    return path


class TestOpenCVCamera(CameraContract):
    @pytest.fixture(autouse=True)
    def _with_video(self, video: Path) -> None:
        self._video = video

    def rig(self) -> CameraRig:
        config = CameraConfig(str(self._video), height=24, width=24, rate_hz=4.0, stale_s=30.0)  # half a second of film
        return CameraRig(OpenCVCamera("overview", config), RealClock())


class Device:
    """A capture whose every picture is let through by the test. Fits `hardware.cameras.Capture`."""

    def __init__(self) -> None:
        self.next: list[Any] = []
        self.may_read = threading.Semaphore(0)
        self.released = threading.Event()

    def show(self, *pictures: Any) -> None:
        self.next += pictures
        for _ in pictures:
            self.may_read.release()

    def read(self) -> tuple[bool, Any]:
        if not self.may_read.acquire(timeout=0.05) or not self.next:
            return True, np.full((4, 4, 3), 7, np.uint8) if self.next == ["always"] else None
        picture = self.next.pop(0)
        if isinstance(picture, Exception):
            raise picture
        return picture is not None, picture

    def release(self) -> None:
        self.released.set()


def grey(value: int) -> np.ndarray:
    return np.full((4, 4, 3), value, np.uint8)


def camera_on(device: Device, stale_s: float = 30.0) -> OpenCVCamera:
    return OpenCVCamera("wrist", CameraConfig("0", 4, 4, stale_s=stale_s), lambda config: device)


def _until(is_so: Any, patience_s: float = 10.0) -> None:
    end_s = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_the_newest_picture_is_read_and_none_that_queued() -> None:
    device = Device()
    device.show(grey(1))
    with camera_on(device) as camera:
        device.show(grey(2), grey(3), grey(4))
        _until(lambda: camera.read().rgb[0, 0, 0] == 4)
        first, second = camera.read(), camera.read()
        assert first.stamp_s == second.stamp_s
    assert device.released.wait(5.0)


def test_a_picture_that_is_too_old_is_none() -> None:
    device = Device()
    device.show(grey(1))
    with camera_on(device, stale_s=0.01) as camera:
        time.sleep(0.02)
        with pytest.raises(DeviceError, match=r"s old \(allowed 0\.0 s\)"):
            camera.read()


@pytest.mark.parametrize("end", [[None] * 10, [cv2.error("ioctl failed")]], ids=["nothing more", "an error"])
def test_a_device_that_goes_away_is_lost_and_can_be_closed(end: list[Any]) -> None:
    device = Device()
    device.show(grey(1))
    with camera_on(device) as camera:
        device.show(*end)

        def is_lost() -> bool:
            try:
                camera.read()
            except DeviceError as error:
                return "is lost" in str(error)
            return False

        _until(is_lost)
    assert device.released.wait(5.0)


def test_a_device_that_never_delivers_cannot_be_connected() -> None:
    device = Device()
    device.show(*[None] * 10)
    with pytest.raises(DeviceError, match="delivers no more pictures"):
        camera_on(device).connect()
    assert device.released.wait(5.0)


def test_the_end_of_a_video_is_a_camera_that_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "short.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 100.0, (64, 48))
    for _ in range(3):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    camera = OpenCVCamera("overview", CameraConfig(str(path), stale_s=30.0))
    camera.connect()
    _until(lambda: not camera._reader._thread.is_alive())  # type: ignore[union-attr]
    with pytest.raises(DeviceError, match="is lost"):
        camera.read()
    camera.close()


def test_a_camera_that_is_not_there_says_how_to_look() -> None:
    with pytest.raises(DeviceError, match=r"cannot be opened.*ls /dev/video"):
        OpenCVCamera("overview", CameraConfig("/dev/video_none")).connect()


def test_fitting_keeps_shapes_round_and_colours_in_order() -> None:
    bgr = np.zeros((60, 100, 3), np.uint8)
    bgr[:, :20] = bgr[:, 80:] = 255  # outside the middle square
    bgr[:, 20:80, 0] = 200  # blue
    rgb = fitted(bgr, 6, 6)
    assert rgb.shape == (6, 6, 3)
    assert (rgb == [0, 0, 200]).all()


def test_configurations_are_checked_and_become_cameras_by_name() -> None:
    cameras = open_cameras({"overview": CameraConfig("0"), "wrist": CameraConfig("1", 64, 64)})
    assert {name: camera.spec.height for name, camera in cameras.items()} == {"overview": 128, "wrist": 64}
    with pytest.raises(ConfigError, match="camera '0': stale_s must be a finite number above 0; received inf"):
        CameraConfig("0", stale_s=float("inf"))
    with pytest.raises(ConfigError, match="height must be a finite number above 0; received 0"):
        CameraConfig("0", height=0)


def test_the_picture_file_of_an_emulator_is_a_camera_too(tmp_path: Path) -> None:
    file = PictureFile(tmp_path / "overview", 4, 6)
    file.write(np.full((4, 6, 3), 7, np.uint8), time.monotonic())
    (camera,) = open_cameras({"overview": CameraConfig(str(file.path))}).values()
    camera.connect()
    try:
        assert (camera.read().rgb == 7).all() and camera.spec.width == 6
    finally:
        camera.close()
        file.close()
