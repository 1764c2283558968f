"""Segments: the parts of an episode with one goal, with what happened in them.

LeRobotDataset has no such table; ours is stored in addition, in meta/segments.parquet. Knows tasks, not simulators.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from robot_wm.data import tables
from robot_wm.goals import NOTHING, Task

Ints = NDArray[np.int64]
_SCHEMA = pa.schema(
    [
        ("episode_index", pa.int64()),
        ("segment_index", pa.int64()),
        ("from", pa.int64()),
        ("to", pa.int64()),
        ("task", pa.string()),
        ("happened", pa.string()),
        ("success", pa.bool_()),
        ("captions", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Segment:
    """One goal of one episode, from its first frame to its last."""

    start: int  # its first frame, counted inside the episode
    stop: int  # one past its last
    task: Task  # the goal
    happened: tuple[Task, ...]  # goals that became true in it and held at its end, the intended one first
    success: bool  # whether `task` is among them
    captions: tuple[str, ...]  # wordings, equally many for each of `happened`, in order

    @property
    def words(self) -> str:
        """LeRobot's task text for these frames: what happened, or the goal if nothing did."""
        return self.captions[0] if self.captions else self.task.words()


@dataclass(frozen=True)
class SegmentTable:
    """All segments of a dataset, in the order of their frames; S rows."""

    episode: Ints  # (S,)
    number: Ints  # (S,) index inside its episode
    start: Ints  # (S,) first frame, counted over the whole dataset
    stop: Ints  # (S,) one past the last
    success: NDArray[np.bool_]  # (S,)
    tasks: tuple[Task, ...]  # S
    happened: tuple[tuple[Task, ...], ...]  # S
    captions: tuple[tuple[str, ...], ...]  # S

    def __len__(self) -> int:
        return len(self.tasks)


def rows(episode_index: int, segments: Sequence[Segment]) -> list[dict[str, object]]:
    """Return the rows of meta/segments.parquet for one episode."""
    return [
        {
            "episode_index": episode_index,
            "segment_index": number,
            "from": each.start,
            "to": each.stop,
            "task": json.dumps(each.task.to_json()),
            "happened": json.dumps([task.to_json() for task in each.happened]),
            "success": each.success,
            "captions": list(each.captions),
        }
        for number, each in enumerate(segments)
    ]


def write(path: Path, every: Iterable[dict[str, object]]) -> None:
    """Write meta/segments.parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(every), schema=_SCHEMA), path)


def read(path: Path, episode_start: Ints) -> SegmentTable:
    """Read meta/segments.parquet; `episode_start` (E,) is the first frame of each episode in the whole dataset."""
    table = tables.read(path)
    episode = table["episode_index"].to_numpy()
    if len(episode) and not 0 <= episode.min() <= episode.max() < len(episode_start):
        raise ValueError(
            f"{path.name} has a segment of episode {episode.max()}, but there are only {len(episode_start)} episodes"
        )
    first = episode_start[episode]
    return SegmentTable(
        episode=table["episode_index"].to_numpy(),
        number=table["segment_index"].to_numpy(),
        start=first + table["from"].to_numpy(),
        stop=first + table["to"].to_numpy(),
        success=table["success"].to_numpy(),
        tasks=tuple(Task.from_json(json.loads(text)) for text in table["task"].to_pylist()),
        happened=tuple(tuple(map(Task.from_json, json.loads(text))) for text in table["happened"].to_pylist()),
        captions=tuple(tuple(each) for each in table["captions"].to_pylist()),
    )


def from_texts(episode_start: Ints, episode_stop: Ints, task_index: Ints, words: tuple[str, ...]) -> SegmentTable:
    """Return segments for datasets without such a table: the ranges of an episode with the same task text.

    The text becomes the caption; the goal is unknown (skill "none").
    """
    starts = np.union1d(episode_start, np.flatnonzero(np.diff(task_index)) + 1)
    episode = np.searchsorted(episode_start, starts, side="right") - 1
    count = len(starts)
    return SegmentTable(
        episode=episode,
        number=np.arange(count) - np.searchsorted(episode, episode),
        start=starts,
        stop=np.append(starts[1:], episode_stop[-1]),
        success=np.zeros(count, bool),
        tasks=(NOTHING,) * count,
        happened=tuple(() for _ in range(count)),
        captions=tuple((words[index],) for index in task_index[starts]),
    )
