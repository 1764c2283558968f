"""The pictures of an emulator in a process of its own: a file a camera, mapped into memory by both sides.

A file is a header and one picture: 8 bytes `RWMPIC01`, then little-endian uint32 height, uint32 width, uint64 turn,
float64 stamp (s on the machine's monotonic clock), then height x width x 3 bytes RGB. While a picture is being written
`turn` is odd; a reader that finds it odd, or changed when it has copied the picture, reads again.
"""

import mmap
import struct
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from robot_wm.camera import Camera
from robot_wm.errors import DeviceError
from robot_wm.types import CameraSpec, Frame

RATE_HZ = 10.0
STALE_S = 1.0
_MAGIC = b"RWMPIC01"
_HEADER = struct.Struct("<8sIIQd")
_TURN = struct.Struct("<Q")
_TURN_AT = 16
_TRIES = 100


@final
class PictureFile:
    """The writing side of one camera."""

    def __init__(self, path: Path, height: int, width: int) -> None:
        self.path = path
        self._shape = height, width
        size = _HEADER.size + height * width * 3
        path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._turn = 0

    def write(self, rgb: NDArray[np.uint8], stamp_s: float) -> None:
        """Put `rgb` (h, w, 3) in place of what is there."""
        self._turn += 2
        _TURN.pack_into(self._map, _TURN_AT, self._turn - 1)
        self._map[_HEADER.size :] = rgb.tobytes()
        _HEADER.pack_into(self._map, 0, _MAGIC, *self._shape, self._turn, stamp_s)

    def close(self) -> None:
        """Remove the file; twice is once."""
        if not self._map.closed:
            self._map.close()
            self.path.unlink(missing_ok=True)


@final
class PictureWriter:
    """Paints every camera of a world into its file, RATE_HZ times a second; call it as often as you like."""

    def __init__(self, cameras: Mapping[str, Camera], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._cameras = dict(cameras)
        self._due_s = 0.0
        with ExitStack() as opening:
            for camera in self._cameras.values():
                opening.enter_context(camera)
            specs = {name: camera.spec for name, camera in self._cameras.items()}
            self._files = {name: PictureFile(folder / name, spec.height, spec.width) for name, spec in specs.items()}
            self._open = opening.pop_all()
        self._next = 0

    def __call__(self, now_s: float) -> None:
        """One picture of one camera, in turn, when it is time: so a call never lasts longer than one picture."""
        if now_s < self._due_s:
            return
        self._due_s = now_s + 1.0 / (RATE_HZ * len(self._files))
        name = list(self._files)[self._next]
        self._next = (self._next + 1) % len(self._files)
        self._files[name].write(self._cameras[name].read().rgb, time.monotonic())

    def close(self) -> None:
        """Remove the files."""
        self._open.close()
        for file in self._files.values():
            file.close()


@final
class PictureFileCamera(Camera):
    """The reading side: the camera `name` of an emulator that runs elsewhere, by its file."""

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
        for _ in range(_TRIES):
            turn, stamp_s = _HEADER.unpack_from(self._map)[3:]
            pixels = self._map[_HEADER.size :]
            if turn % 2 == 0 and _TURN.unpack_from(self._map, _TURN_AT)[0] == turn:
                return self._frame(pixels, stamp_s)
            time.sleep(0.001)
        raise DeviceError(
            f"camera {self._spec.name!r}: {self._path} is being written without end; restart the emulator"
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
    """Whether a camera's source is a file that an emulator paints into."""
    try:
        with Path(source).open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _size(path: Path) -> tuple[int, int]:
    """Height and width of the pictures in a file. Raises DeviceError where it is none."""
    try:
        with path.open("rb") as file:
            magic, height, width, _, _ = _HEADER.unpack(file.read(_HEADER.size))
    except (OSError, struct.error) as error:
        raise DeviceError(f"no picture file {str(path)!r} ({error}); start `robot-wm arm emulate` first") from error
    if magic != _MAGIC:
        raise DeviceError(f"{path} holds no picture yet, or is no picture file; start `robot-wm arm emulate` first")
    return height, width
