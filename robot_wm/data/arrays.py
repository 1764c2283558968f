"""Large arrays on disk, whole or not there."""

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
    """An array to be filled, in a .npy file beside `path` that is renamed into it at the end; an error removes it.

    Who calls sees to it that no other process makes the same one; what a killed one left is written over.
    Its room is taken at once, since a full disk would kill the process where a page of it is touched. Raises
    DatasetError where there is too little.
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
        raise DatasetError(f"{path} needs {size / 1e9:.1f} GB of disk: {error.strerror}; make room for it") from error
