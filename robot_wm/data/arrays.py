"""Large arrays on disk, written atomically."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import DTypeLike, NDArray

from robot_wm.errors import DatasetError


@contextmanager
def new_array(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> Iterator[NDArray]:
    """Yield an array to fill, in a temporary .npy file that is renamed to `path` at the end; an error removes it.

    The caller ensures that no other process writes the same one; leftovers of a killed process are overwritten. Disk
    space is allocated at once, since writing to a mapped page on a full disk would kill the process.

    Raises:
        DatasetError: there is too little disk space.
    """
    beside = path.with_name(f"{path.name}.partial")
    try:
        array = open_memmap(beside, mode="w+", dtype=np.dtype(dtype), shape=shape)
        _take_room(beside, path)
        yield array
        array.flush()
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def _take_room(beside: Path, path: Path) -> None:
    size = beside.stat().st_size
    try:
        with beside.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        raise DatasetError(f"{path} needs {size / 1e9:.1f} GB of disk: {error.strerror}; free some space") from error
