"""Cameras through OpenCV's VideoCapture: a device by index or path, a network stream by URL, a video file.

A thread keeps the newest picture, so that `read` never waits for the device and never returns a queued one. The stamp
is the monotonic time at which the picture was received; exposure and transfer happened before and are not measured.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.camera_config import CameraConfig
from hardware.picture_file import PictureFileCamera, is_picture_file
from robot_wm.camera import Camera
from robot_wm.errors import DeviceError
from robot_wm.types import CameraSpec, Frame

FIRST_PICTURE_S = 5.0
FAILURES_MAX = 10  # failed reads in a row, after which the device is lost
PAUSE_S = 0.01  # after a failed read
JOIN_S = 2.0


class Capture(Protocol):
    """The part of cv2.VideoCapture that is used here."""

    def read(self) -> tuple[bool, Any]:
        """Return whether a picture was read, and the picture in BGR."""
        raise NotImplementedError

    def release(self) -> None:
        """Close the device."""
        raise NotImplementedError


OpenCapture = Callable[[CameraConfig], Capture]  # raises DeviceError


def open_capture(config: CameraConfig) -> Capture:
    """Open the device and request size, rate and exposure. Raises DeviceError."""
    source: str | int = int(config.source) if config.source.isdecimal() else config.source
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise DeviceError(
            f"camera {config.source!r} cannot be opened; is it plugged in, not in use, and readable by you? "
            "Devices: ls /dev/video*; permission: sudo usermod -aG video $USER"
        )
    for setting, value in _settings(config).items():
        capture.set(setting, value)  # devices ignore what they do not support; the picture is scaled anyway
    return _Paced(capture) if _is_file(config.source) else capture


class OpenCVCamera(Camera):
    """Delivers the newest picture, cropped about its centre to the configured shape and scaled."""

    def __init__(self, name: str, config: CameraConfig, open_device: OpenCapture = open_capture) -> None:
        self._spec = CameraSpec(name, config.height, config.width, config.rate_hz)
        self._config = config
        self._open_device = open_device
        self._reader: _Reader | None = None

    @property
    def spec(self) -> CameraSpec:
        return self._spec

    def connect(self) -> None:
        if self._reader is not None:
            return
        reader = _Reader(self._spec.name, self._open_device(self._config))
        try:
            reader.wait_for_first(FIRST_PICTURE_S)
        except BaseException:
            reader.close()
            raise
        self._reader = reader

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def read(self) -> Frame:
        if self._reader is None:
            raise DeviceError(f"camera {self._spec.name!r} is not connected; call connect() or use it in a with block")
        bgr, stamp_s = self._reader.newest()
        age_s = time.monotonic() - stamp_s
        if age_s > self._config.stale_s:
            raise DeviceError(
                f"camera {self._spec.name!r}: the newest picture is {age_s:.1f} s old (allowed "
                f"{self._config.stale_s:.1f} s); is the machine or the network too slow for this size and rate?"
            )
        return Frame(fitted(bgr, self._spec.height, self._spec.width), stamp_s)


def open_cameras(configs: Mapping[str, CameraConfig]) -> dict[str, Camera]:
    """Return a camera by name for each configuration, not connected; a picture file is recognised by its content."""
    return {
        name: PictureFileCamera(name, Path(config.source))
        if is_picture_file(config.source)
        else OpenCVCamera(name, config)
        for name, config in configs.items()
    }


def fitted(bgr: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Crop a BGR picture about its centre to the given aspect ratio and scale it; uint8 RGB (height, width, 3)."""
    full_height, full_width = bgr.shape[:2]
    scale = min(full_height / height, full_width / width)
    part_height, part_width = round(height * scale), round(width * scale)
    top, left = (full_height - part_height) // 2, (full_width - part_width) // 2
    part = bgr[top : top + part_height, left : left + part_width]
    method = cv2.INTER_AREA if scale > 1.0 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.cvtColor(cv2.resize(part, (width, height), interpolation=method), cv2.COLOR_BGR2RGB), np.uint8
    )


class _Reader:
    """Reads the device in a thread and keeps the newest picture."""

    def __init__(self, name: str, capture: Capture) -> None:
        self._name = name
        self._capture = capture
        self._changed = threading.Condition()
        self._picture: tuple[NDArray[np.uint8], float] | None = None  # BGR, monotonic s
        self._error = ""  # why there will be no more pictures
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)
        self._thread.start()

    def wait_for_first(self, timeout_s: float) -> None:
        """Wait for the first picture. Raises DeviceError."""
        with self._changed:
            self._changed.wait_for(lambda: self._picture is not None or bool(self._error), timeout_s)
            if self._picture is None:
                reason = self._error or f"no picture within {timeout_s:.0f} s"
                raise DeviceError(f"camera {self._name!r}: {reason}; try another source, size or rate")

    def newest(self) -> tuple[NDArray[np.uint8], float]:
        """Return the newest picture and its time. Raises DeviceError once the device is lost."""
        with self._changed:
            if self._error or self._picture is None:
                raise DeviceError(f"camera {self._name!r} is lost: {self._error}; plug it in again and restart")
            return self._picture

    def close(self) -> None:
        """Stop the thread; a device that blocks forever keeps it."""
        self._closing = True
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        failures = 0
        while not self._closing and failures < FAILURES_MAX:
            try:
                is_there, bgr = self._capture.read()
            except Exception as error:  # any exception of a backend means that there are no more pictures
                self._finish(f"{type(error).__name__}: {error}")
                break
            if is_there and bgr is not None:
                failures = 0
                self._store(bgr)
            else:
                failures += 1
                time.sleep(PAUSE_S)
        if failures == FAILURES_MAX:
            self._finish("it delivers no more pictures")
        self._capture.release()

    def _store(self, bgr: NDArray[np.uint8]) -> None:
        stamp_s = time.monotonic()
        with self._changed:
            self._picture = (bgr, stamp_s)
            self._changed.notify_all()

    def _finish(self, reason: str) -> None:
        with self._changed:
            self._error = reason
            self._changed.notify_all()


class _Paced:
    """A video file played at its own rate, like a device."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        self._dt_s = 1.0 / rate_hz if rate_hz > 0 else 1.0 / 30.0
        self._due_s = time.monotonic()

    def read(self) -> tuple[bool, Any]:
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        self._due_s = max(self._due_s + self._dt_s, time.monotonic())
        return self._capture.read()

    def release(self) -> None:
        self._capture.release()


def _is_file(source: str) -> bool:
    return not source.isdecimal() and Path(source).is_file()


def _settings(config: CameraConfig) -> dict[int, float]:
    if _is_file(config.source):
        return {}
    settings: dict[int, float] = {
        cv2.CAP_PROP_FRAME_WIDTH: config.capture_width,
        cv2.CAP_PROP_FRAME_HEIGHT: config.capture_height,
        cv2.CAP_PROP_FPS: config.rate_hz,
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }
    if config.exposure is not None:
        settings |= {cv2.CAP_PROP_AUTO_EXPOSURE: 1, cv2.CAP_PROP_EXPOSURE: config.exposure}  # 1 is manual in V4L2
    return settings
