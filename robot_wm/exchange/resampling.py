"""Resample streams with their own timestamps to frames at a constant rate, with an account of the changes.

A frame takes the nearest sample of each stream. If a stream has none within the tolerance, the frame is left out and
the recording is split there; nothing is interpolated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import DatasetError
from robot_wm.types import Floats

Ints = NDArray[np.int64]
_SAME_S = 1e-6  # stamps closer than this count as equal


@dataclass(frozen=True)
class Use:
    """Usage of a stream's samples."""

    samples: int  # in the stream
    dropped: int  # used by no frame
    repeated: int  # frames with the same sample as the frame before
    worst_s: float  # largest time difference between a frame and its sample


@dataclass(frozen=True)
class Piece:
    """Frames without gaps: stamps (T,) on a regular grid, and the sample index of each stream."""

    stamps_s: Floats  # (T,)
    samples: Mapping[str, Ints]  # (T,) by stream
    is_last: bool  # whether the recording ends with it


@dataclass(frozen=True)
class Resampled:
    """The pieces of a recording, and an account of the conversion."""

    pieces: tuple[Piece, ...]
    use: Mapping[str, Use]  # by stream
    left_out: int  # frames without a sample of some stream within the tolerance


def resample(streams: Mapping[str, Floats], fps: int, tolerance_s: float) -> Resampled:
    """Resample streams (stamps by name) at `fps` over their common time. Raises DatasetError if no frames remain.

    Pieces of a single frame are left out.
    """
    grid_s = _grid(streams, fps)
    samples = {name: nearest(stamps_s, grid_s) for name, stamps_s in streams.items()}
    off_s = {name: np.abs(stamps_s[samples[name]] - grid_s) for name, stamps_s in streams.items()}
    good = np.all([off <= tolerance_s + _SAME_S for off in off_s.values()], axis=0)
    runs = [run for run in _runs(good) if len(run) > 1]
    pieces = tuple(
        Piece(grid_s[run], {name: each[run] for name, each in samples.items()}, number + 1 == len(runs))
        for number, run in enumerate(runs)
    )
    kept = np.concatenate([*runs, np.zeros(0, np.int64)])
    use = {name: _use(samples[name][kept], off_s[name][kept], len(streams[name])) for name in streams}
    return Resampled(pieces, use, len(grid_s) - len(kept))


def nearest(stamps_s: Floats, moments_s: Floats) -> Ints:
    """Return, for each moment (T,), the index of the nearest stamp (M,); the earlier one if equally near."""
    after = np.clip(np.searchsorted(stamps_s, moments_s), 1, max(1, len(stamps_s) - 1))
    before = after - 1
    after = np.minimum(after, len(stamps_s) - 1)
    nearer = moments_s - stamps_s[before] <= stamps_s[after] - moments_s + _SAME_S
    return np.where(nearer, before, after)


def in_force(stamps_s: Floats, moments_s: Floats) -> Ints:
    """Return, for each moment (T,), the index of the last stamp (M,) strictly before it; -1 if there is none."""
    return np.searchsorted(stamps_s, moments_s - _SAME_S) - 1


def _grid(streams: Mapping[str, Floats], fps: int) -> Floats:
    for name, stamps_s in streams.items():
        if len(stamps_s) == 0:
            raise DatasetError(f"{name} has no usable samples; leave it out of the mapping, or repair the source")
    start_s = max(float(stamps_s[0]) for stamps_s in streams.values())
    stop_s = min(float(stamps_s[-1]) for stamps_s in streams.values())
    count = int(np.floor((stop_s - start_s) * fps + 1e-3)) + 1
    if count < 2:
        raise DatasetError(
            f"{', '.join(streams)} overlap for less than two frames ({stop_s - start_s:.3f} s); check the clocks"
        )
    return start_s + np.arange(count) / fps


def _runs(good: NDArray[np.bool_]) -> list[Ints]:
    """Return runs of consecutive frames that are good."""
    index = np.flatnonzero(good)
    return np.split(index, np.flatnonzero(np.diff(index) > 1) + 1)


def _use(samples: Ints, off_s: Floats, count: int) -> Use:
    return Use(
        samples=count,
        dropped=count - len(np.unique(samples)),
        repeated=len(samples) - len(np.unique(samples)),
        worst_s=float(off_s.max(initial=0.0)),
    )
