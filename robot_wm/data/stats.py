"""The statistics that LeRobot stores of every feature: min, max, mean, std, count and five quantiles.

Always computed from the data, never combined from statistics of parts, which is inexact.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
PICTURES_AT_MOST = 2000  # an even sample of that many gives each quantile to well under a level
ROWS_AT_ONCE = 16

Stats = dict[str, list]


def of_vectors(values: NDArray) -> Stats:
    """Return the statistics of (N, n) or (N,) numbers, n each; in float64, some columns at a time."""
    rows = values.reshape(len(values), -1).T
    parts = [
        _of_rows(rows[k : k + ROWS_AT_ONCE].astype(np.float64, order="C")) for k in range(0, len(rows), ROWS_AT_ONCE)
    ]
    stats: Stats = {name: [each for part in parts for each in part[name]] for name in parts[0]}
    return stats | {"count": [len(values)]}


def of_pictures(pictures: Iterable[NDArray[np.uint8]]) -> Stats:
    """Return the statistics of RGB pictures (h, w, 3), scaled to [0, 1], each of shape (3, 1, 1), by histogram."""
    histogram, count = np.zeros((3, 256), np.int64), 0
    for each in pictures:
        for k, counts in enumerate(histogram):
            counts += cv2.calcHist([each], [k], None, [256], [0, 256]).ravel().astype(np.int64)
        count += 1
    channels = [_of_histogram(row) for row in histogram]
    stats: Stats = {name: [[[one[name]]] for one in channels] for name in channels[0]}
    return stats | {"count": [count]}


def picture_count(frames: int) -> int:
    """Return the sample size for `frames` pictures: one in 20, at least 200, at most PICTURES_AT_MOST."""
    return min(frames, max(200, min(PICTURES_AT_MOST, frames // 20)))


def _of_rows(rows: NDArray[np.float64]) -> dict[str, list[float]]:
    """Of each row of (r, N)."""
    quantiles = np.quantile(rows, list(QUANTILES.values()), axis=1)  # (5, r)
    basic = {"min": rows.min(1), "max": rows.max(1), "mean": rows.mean(1), "std": rows.std(1)}
    return {name: each.tolist() for name, each in (basic | dict(zip(QUANTILES, quantiles, strict=True))).items()}


def _of_histogram(counts: NDArray[np.int64]) -> dict[str, float]:
    levels = np.arange(256) / 255.0
    share = counts / counts.sum()
    mean = float(share @ levels)
    seen = levels[counts > 0]
    reached = np.cumsum(share)
    quantiles = {name: float(levels[np.searchsorted(reached, q)]) for name, q in QUANTILES.items()}
    std = float(np.sqrt(share @ (levels - mean) ** 2))
    return {"min": float(seen[0]), "max": float(seen[-1]), "mean": mean, "std": std} | quantiles
