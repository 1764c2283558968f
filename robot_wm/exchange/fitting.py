"""Shared steps of importing: names to columns, compressed pictures to squares of a given size."""

from collections.abc import Sequence

import cv2
import numpy as np

from robot_wm.errors import DatasetError, UnknownNameError
from robot_wm.exchange.recording import Picture


def decoded(data: bytes, what: str) -> Picture:
    """Decode a PNG, JPEG or similar to RGB (h, w, 3). Raises DatasetError."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None:
        raise DatasetError(f"{what} cannot be decoded as a picture ({len(data)} bytes)")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def columns_of(wanted: Sequence[str], known: Sequence[str], source: str) -> list[int]:
    """Return the index of each of the `wanted` names among the `known` ones. Raises UnknownNameError."""
    for name in wanted:
        if name not in known:
            raise UnknownNameError("name", name, known, f"(of the numbers of {source!r}) Correct the mapping.")
    return [known.index(name) for name in wanted]


def square(picture: Picture, px: int) -> Picture:
    """Crop the central square of a picture and scale it to `px` by `px`."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side > px else cv2.INTER_LINEAR
    return middle if side == px else np.asarray(cv2.resize(middle, (px, px), interpolation=how), np.uint8)
