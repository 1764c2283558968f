"""A tiny world that makes episodes without a simulator: a coloured square that walks over a grey table."""

from pathlib import Path

import numpy as np

from robot_wm.data.dataset_writer import DatasetWriter, Episode
from robot_wm.data.features import Feature, picture
from robot_wm.data.segments import Segment
from robot_wm.goals import Task

FPS = 10
FEATURES = (
    Feature("observation.state", "float32", (3,), ("x", "y", "grip")),
    Feature("action", "float32", (2,), ("dx", "dy")),
    Feature("action.expert", "float32", (2,), ("dx", "dy")),
    Feature("action.expert_valid", "bool", (1,)),
    Feature("observation.environment_state", "float32", (144,)),
    Feature("segment_index", "int64", (1,)),
    picture("overview", 32, 32),
    picture("wrist", 16, 16),
)
TASKS = (Task("lift", "red cube"), Task("push", "blue cube", direction="left"), Task("home"))


def episode(seed: int) -> Episode:
    """One episode of two or three segments; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum(rng.integers(5, 15, rng.integers(2, 4)))
    starts = np.concatenate([[0], ends[:-1]])
    parts = tuple(_segment(rng, int(start), int(stop)) for start, stop in zip(starts, ends, strict=True))
    count = int(ends[-1])
    columns = {
        each.name: rng.standard_normal((count, *each.shape)).astype(each.dtype)
        for each in FEATURES
        if each.dtype == "float32"
    }
    columns["action.expert_valid"] = rng.random((count, 1)) < 0.8
    columns["segment_index"] = np.repeat(np.arange(len(parts)), [part.stop - part.start for part in parts])[:, None]
    return Episode(columns, {each.name: _pictures(rng, count, each.shape[0]) for each in FEATURES[-2:]}, parts)


def dataset(path: Path, seeds: range) -> list[Episode]:
    """Write one episode a seed to `path`; returns them."""
    every = [episode(seed) for seed in seeds]
    with DatasetWriter.creating(path, FPS, FEATURES) as writer:
        for each in every:
            writer.add(each)
    return every


def _segment(rng: np.random.Generator, start: int, stop: int) -> Segment:
    task = TASKS[rng.integers(len(TASKS))]
    success = bool(rng.random() < 0.7)
    return Segment(
        start, stop, task, (task,) if success else (), success, (f"please {task.words()}",) if success else ()
    )


def _pictures(rng: np.random.Generator, count: int, side: int) -> np.ndarray:
    pictures = np.full((count, side, side, 3), 120, np.uint8)
    corners = np.clip(np.cumsum(rng.integers(-1, 2, (count, 2)), axis=0) + side // 2, 0, side - 6)
    colour = rng.integers(0, 255, 3)
    for frame, (row, column) in zip(pictures, corners, strict=True):
        frame[row : row + 6, column : column + 6] = colour
    return pictures
