"""Streams of values and pictures recorded from one arm, each with its own timestamps.

The common form of all sources: LeRobotDataset folders, MCAP files, logs of robot_wm. Units: radians, gripper openings
in [0, 1], seconds. Knows no file format.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import DatasetError
from robot_wm.goals import Task
from robot_wm.types import Floats

Picture = NDArray[np.uint8]  # (h, w, 3) RGB
ReadPictures = Callable[[Sequence[int]], Iterator[Picture]]  # of these samples, in ascending order, possibly repeated


@dataclass(frozen=True)
class Numbers:
    """A stream of vectors: M samples of n numbers."""

    stamps_s: Floats  # (M,) ascending
    values: NDArray  # (M, n)

    def __len__(self) -> int:
        return len(self.stamps_s)


@dataclass(frozen=True)
class Pictures:
    """A camera's stream: M pictures that are decoded on demand."""

    stamps_s: Floats  # (M,) ascending
    read: ReadPictures

    def __len__(self) -> int:
        return len(self.stamps_s)


@dataclass(frozen=True)
class Part:
    """A range of a recording with one goal; it ends where the next one begins."""

    start_s: float
    words: str  # the instruction; empty if unknown
    task: Task  # the goal; skill "none" if unknown
    success: bool = False  # whether the goal was reached


@dataclass(frozen=True)
class Recording:
    """One session of one arm. Streams that were not recorded are None."""

    name: str  # of its source, for display
    pictures: Mapping[str, Pictures]  # by camera name of the dataset
    parts: tuple[Part, ...]  # at least one
    joints: Numbers | None = None  # (n) rad, measured
    speeds: Numbers | None = None  # (n) rad/s, measured
    gripper: Numbers | None = None  # (1) opening, measured
    sent: Numbers | None = None  # (n + 1) rad and opening: joint targets, stamped when they were sent
    requested: Numbers | None = None  # (5) actions that were requested, if the source has them
    demonstrated: Numbers | None = None  # (5) actions to imitate
    columns: Mapping[str, Numbers] = field(default_factory=dict)  # anything else, copied unchanged
    nominal: bool = False  # timestamps are frame numbers over the rate, not capture times
    notes: tuple[str, ...] = ()  # problems and how they were handled


def require_ascending(stamps_s: Floats, what: str) -> None:
    """Raise DatasetError if timestamps repeat or decrease."""
    steps = np.diff(stamps_s)
    if len(steps) and steps.min() <= 0.0:
        at = int(np.argmin(steps > 0.0))
        word = "repeats" if steps[at] == 0.0 else f"goes back by {-steps[at]:.6f} s"
        raise DatasetError(
            f"{what}: stamps must ascend, and the stamp of sample {at + 1} {word}; choose another clock "
            "with `stamp: log | publish | header`, or repair the file"
        )


def finite(numbers: Numbers) -> tuple[Numbers, int]:
    """Return `numbers` without samples that have non-finite values, and the number of removed samples."""
    if numbers.values.dtype.kind != "f":
        return numbers, 0
    good = np.isfinite(numbers.values).all(axis=1)
    return replace(numbers, stamps_s=numbers.stamps_s[good], values=numbers.values[good]), int((~good).sum())
