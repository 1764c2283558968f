"""Pictures that cross from one process to another: whole, newest, and refused when nobody paints them any more."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from hardware.emulator.pictures import PictureFile, PictureWriter
from hardware.picture_file import PictureFileCamera
from robot_wm.errors import DeviceError
from robot_wm.fake import FakeCamera
from robot_wm.types import CameraSpec


def plain(shade: int) -> np.ndarray:
    return np.full((24, 32, 3), shade, dtype=np.uint8)


def test_a_writer_paints_every_camera_in_turn_and_cleans_up(tmp_path: Path) -> None:
    specs = [CameraSpec("overview", 24, 32, 10.0), CameraSpec("wrist", 16, 16, 10.0)]
    writer = PictureWriter({spec.name: FakeCamera(spec) for spec in specs}, tmp_path / "pictures")
    for tick in range(4):
        writer(0.06 * tick)
    for spec in specs:
        with PictureFileCamera(spec.name, tmp_path / "pictures" / spec.name) as camera:
            frame = camera.read()
            assert frame.rgb.shape == (spec.height, spec.width, 3) and camera.spec.height == spec.height
    writer.close()
    assert not list((tmp_path / "pictures").iterdir())


def test_a_reader_never_sees_half_a_picture(tmp_path: Path) -> None:
    file = PictureFile(tmp_path / "camera", 24, 32)
    stamp_s = time.monotonic()
    file.write(plain(0), stamp_s)
    done = threading.Event()

    def paint() -> None:
        shade = 0
        while not done.is_set():
            shade = (shade + 1) % 256
            file.write(plain(shade), time.monotonic())

    painter = threading.Thread(target=paint)
    painter.start()
    try:
        with PictureFileCamera("overview", tmp_path / "camera") as camera:
            seen = [np.unique(camera.read().rgb) for _ in range(300)]
    finally:
        done.set()
        painter.join()
    assert all(len(shades) == 1 for shades in seen)


def test_an_old_picture_is_refused(tmp_path: Path) -> None:
    file = PictureFile(tmp_path / "camera", 24, 32)
    file.write(plain(9), time.monotonic() - 5.0)
    with (
        PictureFileCamera("overview", tmp_path / "camera") as camera,
        pytest.raises(DeviceError, match="still running"),
    ):
        camera.read()


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="start `robot-wm arm emulate` first"):
        PictureFileCamera("overview", tmp_path / "nothing")
    (tmp_path / "text").write_text("x" * 64)
    with pytest.raises(DeviceError, match="holds no picture"):
        PictureFileCamera("overview", tmp_path / "text")


def test_a_camera_must_be_connected(tmp_path: Path) -> None:
    PictureFile(tmp_path / "camera", 24, 32).write(plain(1), 1.0)
    with pytest.raises(DeviceError, match="not connected"):
        PictureFileCamera("overview", tmp_path / "camera").read()
