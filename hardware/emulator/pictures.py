"""Writes the cameras of an emulated scene to picture files (`hardware.picture_file`) for other processes."""

import mmap
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from hardware.picture_file import HEADER, MAGIC, RATE_HZ, SEQUENCE, SEQUENCE_OFFSET
from robot_wm.camera import Camera


@final
class PictureFile:
    """Writing side of one camera's file."""

    def __init__(self, path: Path, height: int, width: int) -> None:
        self.path = path
        self._shape = height, width
        size = HEADER.size + height * width * 3
        path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._sequence = 0

    def write(self, rgb: NDArray[np.uint8], stamp_s: float) -> None:
        """Replace the picture by `rgb` (h, w, 3), taken at `stamp_s` on the monotonic clock."""
        self._sequence += 2
        SEQUENCE.pack_into(self._map, SEQUENCE_OFFSET, self._sequence - 1)
        self._map[HEADER.size :] = rgb.tobytes()
        HEADER.pack_into(self._map, 0, MAGIC, *self._shape, self._sequence, stamp_s)

    def close(self) -> None:
        """Remove the file; may be called more than once."""
        if not self._map.closed:
            self._map.close()
            self.path.unlink(missing_ok=True)


@final
class PictureWriter:
    """Renders every camera into its file, RATE_HZ times per second; may be called at any rate."""

    def __init__(self, cameras: Mapping[str, Camera], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._cameras = dict(cameras)
        self._due_s = 0.0
        with ExitStack() as stack:
            for camera in self._cameras.values():
                stack.enter_context(camera)
            specs = {name: camera.spec for name, camera in self._cameras.items()}
            self._files = {name: PictureFile(folder / name, spec.height, spec.width) for name, spec in specs.items()}
            self._open = stack.pop_all()
        self._next = 0

    def __call__(self, now_s: float) -> None:
        """Render one picture of the next camera if it is due, so that no call takes longer than one picture."""

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
