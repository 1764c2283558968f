"""Cameras of another process, one file each, mapped into memory by writer and reader. Knows no emulator.

A file is a header and one picture: 8 bytes `RWMPIC01`, then little-endian uint32 height, uint32 width, uint64 sequence
number, float64 timestamp (s of the machine's monotonic clock), then height x width x 3 bytes RGB. The sequence number
is odd while a picture is being written. A reader that finds it odd, or changed after copying the picture, reads again.
"""

import mmap
import struct
import time
from pathlib import Path
from typing import final

import numpy as np

from robot_wm.camera import Camera
from robot_wm.errors import DeviceError
from robot_wm.types import CameraSpec, Frame

RATE_HZ = 10.0
STALE_S = 1.0
MAGIC = b"RWMPIC01"
HEADER = struct.Struct("<8sIIQd")
SEQUENCE = struct.Struct("<Q")
SEQUENCE_OFFSET = 16
_ATTEMPTS = 100


@final
class PictureFileCamera(Camera):
    """A camera whose pictures another process writes to `path`."""

    def __init__(self, name: str, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._spec = CameraSpec(name, *_size(path), RATE_HZ)

    @property
    def spec(self) -> CameraSpec:
        return self._spec

    def connect(self) -> None:
        if self._map is not None:
            return
        _size(self._path)
        with self._path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None

    def read(self) -> Frame:
        if self._map is None:
            raise DeviceError(f"camera {self._spec.name!r} is not connected; call connect() or use it in a with block")
        for _ in range(_ATTEMPTS):
            sequence, stamp_s = HEADER.unpack_from(self._map)[3:]
            pixels = self._map[HEADER.size :]
            if sequence % 2 == 0 and SEQUENCE.unpack_from(self._map, SEQUENCE_OFFSET)[0] == sequence:
                return self._frame(pixels, stamp_s)
            time.sleep(0.001)
        raise DeviceError(
            f"camera {self._spec.name!r}: {self._path} is being written continuously; restart the emulator"
        )

    def _frame(self, pixels: bytes, stamp_s: float) -> Frame:
        age_s = time.monotonic() - stamp_s
        if stamp_s == 0.0 or age_s > STALE_S:
            raise DeviceError(
                f"camera {self._spec.name!r}: the newest picture in {self._path} is "
                f"{'missing' if stamp_s == 0.0 else f'{age_s:.1f} s old'}; is `robot-wm arm emulate` still running?"
            )
        rgb = np.frombuffer(pixels, dtype=np.uint8).reshape(self._spec.height, self._spec.width, 3)
        return Frame(rgb, stamp_s)


def is_picture_file(source: str) -> bool:
    """Return whether a camera's source is a picture file."""
    try:
        with Path(source).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _size(path: Path) -> tuple[int, int]:
    """Return height and width of the pictures in a file. Raises DeviceError if it is no picture file."""
    try:
        with path.open("rb") as file:
            magic, height, width, _, _ = HEADER.unpack(file.read(HEADER.size))
    except (OSError, struct.error) as error:
        raise DeviceError(f"no picture file {str(path)!r} ({error}); start `robot-wm arm emulate` first") from error
    if magic != MAGIC:
        raise DeviceError(f"{path} holds no picture yet, or is not a picture file; start `robot-wm arm emulate` first")

    return height, width
