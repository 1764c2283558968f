"""Recomputes the statistics of a dataset and compares them with the stored ones, which may be wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from robot_wm.data import layout, stats, video
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.features import AUTOMATIC

VECTOR_TOLERANCE = 1e-3  # of a number's own range
PICTURE_TOLERANCE = 0.03  # of the full scale: two samples of the same pictures differ by less

Stats = dict[str, stats.Stats]


def recomputed(path: Path) -> Stats:
    """Return the statistics of every feature that is not text, from the data. Raises DatasetError."""
    dataset = open_dataset(path)
    numbers = [name for name, each in dataset.features.items() if not each.is_video and not each.is_text]
    every = {name: stats.of_vectors(dataset.arrays[name]) for name in [*numbers, *AUTOMATIC]}
    pictures = [name for name, each in dataset.features.items() if each.is_video]
    return every | {name: stats.of_pictures(_sample(dataset, name)) for name in pictures}


def write_stats(path: Path, every: Stats) -> None:
    """Write meta/stats.json atomically."""
    layout.write_json(path / layout.STATS, every)


def differences(path: Path, every: Stats) -> list[str]:
    """Return one line for each feature whose stored statistics differ, or one line if there are none."""
    try:
        kept = json.loads((path / layout.STATS).read_text())
    except (OSError, ValueError) as error:
        return [f"{layout.STATS} cannot be read ({error})"]
    found = [_difference(name, each, kept.get(name)) for name, each in every.items()]
    return [line for line in found if line]


def _difference(name: str, ours: stats.Stats, theirs: object) -> str:
    if not isinstance(theirs, dict):
        return f"{name}: no statistics"
    is_picture = np.ndim(ours["mean"]) == 3
    scale = 1.0 if is_picture else np.maximum(np.array(ours["max"]) - np.array(ours["min"]), 1e-6)
    tolerance = PICTURE_TOLERANCE if is_picture else VECTOR_TOLERANCE
    wrong = []
    for key in ("min", "max", "mean", "std", "q01", "q10", "q50", "q90", "q99"):
        if is_picture and key in ("min", "max"):
            continue  # extremes depend on which pictures are in the sample
        if key not in theirs:
            continue  # older folders have no quantiles
        off = np.abs(np.array(theirs[key], float).ravel() - np.array(ours[key], float).ravel()) / np.ravel(scale)
        if not (off <= tolerance).all():
            wrong.append(key)
    return f"{name}: {', '.join(wrong)} do not match the data" if wrong else ""


def _sample(dataset: EpisodeDataset, name: str) -> Iterator[np.ndarray]:
    """An even sample of a camera's pictures."""
    frames = len(dataset)
    chosen = np.linspace(0, frames - 1, stats.picture_count(frames)).astype(np.int64)
    files = dataset.videos[name]
    for episode, (start, stop) in enumerate(zip(dataset.episode_start, dataset.episode_stop, strict=True)):
        own = chosen[(chosen >= start) & (chosen < stop)] - start + files.first[episode]
        yield from video.frames_at(files.paths[episode], dataset.fps, own.tolist())
