"""The tables of a LeRobotDataset v3 while it is written: frames, episodes, tasks, segments, statistics, info.

The caller decides where pictures are stored, so that writing and joining datasets share this code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from robot_wm.data import layout, segments, stats, tables, video
from robot_wm.data.features import Feature, to_json
from robot_wm.data.segments import Segment
from robot_wm.errors import DatasetError


@dataclass(frozen=True)
class VideoSpan:
    """Where an episode's pictures are: frames [first, first + T) of the camera's file of this running number."""

    file: int
    first: int


class DatasetTables:
    """The tables of a dataset that is being written; the caller stores the pictures."""

    def __init__(self, root: Path, fps: int, features: Sequence[Feature], robot: str | None = None) -> None:
        self._root, self._fps, self._features, self._robot = root, fps, tuple(features), robot
        self._schema = tables.frame_schema(features)
        self._tasks: dict[str, int] = {}
        self._episodes: list[dict[str, object]] = []
        self._segments: list[dict[str, object]] = []
        self._frames = 0
        self._file_number = -1
        self._file: pq.ParquetWriter | None = None

    def add(self, columns: Mapping[str, np.ndarray], parts: Sequence[Segment], spans: Mapping[str, VideoSpan]) -> None:
        """Append one episode, as one row group. Raises DatasetError if it does not fit the features."""
        number, length = len(self._episodes), parts[-1].stop
        self._check(columns, parts, length)
        tasks = [self._tasks.setdefault(part.words, len(self._tasks)) for part in parts]
        automatic = {
            "timestamp": (np.arange(length) / self._fps).astype(np.float32),
            "frame_index": np.arange(length),
            "episode_index": np.full(length, number),
            "index": np.arange(self._frames, self._frames + length),
            "task_index": np.repeat(tasks, [part.stop - part.start for part in parts]),
        }
        self._roll()
        assert self._file is not None
        self._file.write_table(tables.frame_table(self._schema, {**columns, **automatic}), row_group_size=length)
        self._episodes.append(self._episode_row(number, length, [part.words for part in parts], spans))
        self._segments += segments.rows(number, parts)
        self._frames += length

    def finish(self, with_stats: bool = True) -> None:
        """Write everything else, info.json last. Raises DatasetError if no episode was added."""
        if self._file is None:
            raise DatasetError("a dataset needs at least one episode, and none was added")
        self._file.close()
        tables.write_tasks(self._root / layout.TASKS, list(self._tasks))
        tables.write_episodes(self._root / layout.numbered(layout.EPISODES_PATH, 0), self._episodes)
        segments.write(self._root / layout.SEGMENTS, self._segments)
        if with_stats:
            layout.write_json(self._root / layout.STATS, self._stats())
        layout.write_json(self._root / layout.INFO, self._info())

    def _check(self, columns: Mapping[str, np.ndarray], parts: Sequence[Segment], length: int) -> None:
        ends = [0, *(part.stop for part in parts)]
        if any(part.start != end or part.stop <= end for part, end in zip(parts, ends, strict=False)):
            spans = [(part.start, part.stop) for part in parts]
            raise DatasetError(f"the segments of an episode must tile it from frame 0 on, received {spans}")
        wanted = {each.name: each for each in self._features if not each.is_video}
        if set(columns) != set(wanted):
            raise DatasetError(f"an episode needs the columns {sorted(wanted)}, received {sorted(columns)}")
        for name, feature in wanted.items():
            feature.check(columns[name], length)

    def _roll(self) -> None:
        """Open the next data file if there is none yet or the current one is full."""
        path = self._root / layout.numbered(layout.DATA_PATH, max(self._file_number, 0))
        if self._file is not None and path.stat().st_size < layout.DATA_FILE_MB * 1e6:
            return
        if self._file is not None:
            self._file.close()
        self._file_number += 1
        path = self._root / layout.numbered(layout.DATA_PATH, self._file_number)
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = any(each.is_text for each in self._features)  # for numbers it is larger and slower
        self._file = pq.ParquetWriter(path, self._schema, use_dictionary=texts)

    def _episode_row(
        self, number: int, length: int, words: Sequence[str], spans: Mapping[str, VideoSpan]
    ) -> dict[str, object]:
        row: dict[str, object] = {"episode_index": number, "tasks": list(dict.fromkeys(words)), "length": length}
        row |= _file_columns("data", self._file_number)
        row |= {"dataset_from_index": self._frames, "dataset_to_index": self._frames + length}
        for name in (each.name for each in self._features if each.is_video):
            row |= _file_columns(f"videos/{name}", spans[name].file)
            row[f"videos/{name}/from_timestamp"] = spans[name].first / self._fps
            row[f"videos/{name}/to_timestamp"] = (spans[name].first + length) / self._fps
        return row | _file_columns("meta/episodes", 0)

    def _stats(self) -> dict[str, object]:
        files = [self._root / layout.numbered(layout.DATA_PATH, k) for k in range(self._file_number + 1)]
        numbers = {field.name: (-1,) for field in self._schema if not pa.types.is_string(field.type)}
        every: dict[str, object] = {
            name: stats.of_vectors(values) for name, values in tables.read_columns(files, numbers)
        }
        for feature in self._features:
            if feature.is_video:
                every[feature.name] = stats.of_pictures(self._sample(feature.name))
        return every

    def _sample(self, name: str) -> Iterator[np.ndarray]:
        """Yield an even sample of a camera's pictures, key frames only, since those decode independently."""
        step = max(1, self._frames // (stats.picture_count(self._frames) * video.KEY_EVERY))
        for number, rows in groupby(self._episodes, key=lambda row: _file_number(row, f"videos/{name}")):
            frames = round(float(str(list(rows)[-1][f"videos/{name}/to_timestamp"])) * self._fps)
            path = self._root / layout.numbered(layout.VIDEO_PATH, number, name)
            yield from video.key_frames(path, range(0, (frames + 1) // video.KEY_EVERY, step))

    def _info(self) -> dict[str, object]:
        return {
            "codebase_version": layout.VERSION,
            "robot_type": self._robot,
            "total_episodes": len(self._episodes),
            "total_frames": self._frames,
            "total_tasks": len(self._tasks),
            "chunks_size": layout.FILES_A_CHUNK,
            "data_files_size_in_mb": layout.DATA_FILE_MB,
            "video_files_size_in_mb": layout.VIDEO_FILE_MB,
            "fps": self._fps,
            "splits": {"train": f"0:{len(self._episodes)}"},
            "data_path": layout.DATA_PATH,
            "video_path": layout.VIDEO_PATH if any(each.is_video for each in self._features) else None,
            "features": to_json(self._features, self._fps, video.CODEC, video.PIX_FMT),
        }


def _file_columns(prefix: str, number: int) -> dict[str, object]:
    chunk, file = divmod(number, layout.FILES_A_CHUNK)
    return {f"{prefix}/chunk_index": chunk, f"{prefix}/file_index": file}


def _file_number(row: Mapping[str, object], prefix: str) -> int:
    return int(str(row[f"{prefix}/chunk_index"])) * layout.FILES_A_CHUNK + int(str(row[f"{prefix}/file_index"]))
