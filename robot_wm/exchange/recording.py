"""What an arm did, as somebody recorded it: streams of numbers and pictures, each with stamps of its own.

The common form of everything that is read from outside: folders of LeRobotDataset, MCAP files, our own logs. Units
are ours: radians, gripper openings in [0, 1], seconds. Knows no file format.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import DatasetError
from robot_wm.goals import Task
from robot_wm.types import Floats

Picture = NDArray[np.uint8]  # (h, w, 3) RGB
ReadPictures = Callable[[Sequence[int]], Iterator[Picture]]  # of these samples, which ascend and may repeat


@dataclass(frozen=True)
class Numbers:
    """A stream of vectors: M samples of n numbers."""

    stamps_s: Floats  # (M,) ascending
    values: NDArray  # (M, n)

    def __len__(self) -> int:
        return len(self.stamps_s)


@dataclass(frozen=True)
class Pictures:
    """A camera's stream: M pictures that are decoded when they are asked for."""

    stamps_s: Floats  # (M,) ascending
    read: ReadPictures

    def __len__(self) -> int:
        return len(self.stamps_s)


@dataclass(frozen=True)
class Part:
    """A stretch of a recording in which one thing was wanted; it ends where the next one begins."""

    start_s: float
    words: str  # the instruction as it was given; empty where nobody said
    task: Task  # what it means; skill "none" where that is not known
    success: bool = False  # whether the task came true


@dataclass(frozen=True)
class Recording:
    """One session of one arm. Streams that were not recorded are None."""

    name: str  # where it comes from, for people
    pictures: Mapping[str, Pictures]  # by our camera's name
    parts: tuple[Part, ...]  # at least one
    joints: Numbers | None = None  # (n) rad, measured
    speeds: Numbers | None = None  # (n) rad/s, measured
    gripper: Numbers | None = None  # (1) opening, measured
    sent: Numbers | None = None  # (n + 1) rad and opening: joint targets, stamped when they were sent
    requested: Numbers | None = None  # (5) actions as robot_wm.actions has them, where the source knows them
    demonstrated: Numbers | None = None  # (5) actions of somebody who is worth imitating
    columns: Mapping[str, Numbers] = field(default_factory=dict)  # anything else, taken over as it is
    nominal: bool = False  # stamps are frame numbers over the rate, not times of capture
    notes: tuple[str, ...] = ()  # what was wrong with it, and what was done about that


def require_ascending(stamps_s: Floats, what: str) -> None:
    """Raise DatasetError where stamps go back or repeat."""
    steps = np.diff(stamps_s)
    if len(steps) and steps.min() <= 0.0:
        at = int(np.argmin(steps > 0.0))
        word = "repeats" if steps[at] == 0.0 else f"goes back by {-steps[at]:.6f} s"
        raise DatasetError(
            f"{what}: stamps must ascend, and the stamp of sample {at + 1} {word}; choose another clock "
            "with `stamp: log | publish | header`, or repair the file"
        )


def finite(numbers: Numbers) -> tuple[Numbers, int]:
    """`numbers` without the samples that hold a number that is not finite, and how many those are."""
    if numbers.values.dtype.kind != "f":
        return numbers, 0
    good = np.isfinite(numbers.values).all(axis=1)
    return replace(numbers, stamps_s=numbers.stamps_s[good], values=numbers.values[good]), int((~good).sum())
