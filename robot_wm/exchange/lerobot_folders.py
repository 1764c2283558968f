"""The description of a LeRobotDataset folder, version 3.x, 2.1 or 2.0: features, tasks, files of the episodes.

Relies on paths in the tables rather than file names, and on counts rather than counters in info.json. Reads no frames.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from robot_wm.data import layout
from robot_wm.errors import DatasetError

Row = Mapping[str, Any]


@dataclass(frozen=True)
class EpisodeFiles:
    """Locations of one episode's frames and pictures."""

    number: int
    length: int  # declared number of frames
    table: Path
    videos: Mapping[str, tuple[Path, float]]  # by feature: the file, and seconds in it at which the episode begins


@dataclass(frozen=True)
class LeRobotFolder:
    """A dataset of any LeRobot version."""

    path: Path
    version: str
    fps: int
    features: Mapping[str, Row]  # as info.json has them
    tasks: Mapping[int, str]  # texts by task_index
    episodes: tuple[EpisodeFiles, ...]

    def names_of(self, feature: str) -> tuple[str, ...]:
        """Return the names of a vector's elements, in any of the forms of info.json; "0", "1", ... without any."""
        entry = self.features[feature]
        names = entry.get("names")
        if isinstance(names, dict):  # {"motors": ["a", "b"]} or {"a": 0, "b": 1}
            lists = [each for each in names.values() if isinstance(each, list)]
            names = lists[0] if lists else [name for name, _ in sorted(names.items(), key=lambda item: item[1])]
        return tuple(map(str, names)) if isinstance(names, list) else tuple(map(str, range(_size(entry))))


def is_lerobot(path: Path) -> bool:
    """Return whether this is a LeRobotDataset folder."""
    return (path / layout.INFO).is_file()


def open_folder(path: Path) -> LeRobotFolder:
    """Read a folder's description. Raises DatasetError if it is damaged or of an unknown version."""
    try:
        info = json.loads((path / layout.INFO).read_text())
        version = str(info.get("codebase_version"))
        read = _reader(path, version)
        tasks, episodes = read(path, info)
        if int(info["fps"]) < 1:
            raise DatasetError(f"dataset {path}: fps is {info['fps']!r}; it must be positive")
        return LeRobotFolder(path, version, int(info["fps"]), info["features"], tasks, episodes)
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        raise DatasetError(
            f"dataset {path} cannot be read: {type(error).__name__}: {error}; a recorder that was killed leaves such "
            "folders: record again, or delete the unfinished part"
        ) from error


_Read = Callable[[Path, Row], tuple[dict[int, str], tuple[EpisodeFiles, ...]]]


def _reader(path: Path, version: str) -> _Read:
    known: dict[str, _Read] = {"v3.": _version_3, "v2.1": _version_2, "v2.0": _version_2}
    for start, read in known.items():
        if version.startswith(start):
            return read
    raise DatasetError(
        f"dataset {path} has version {version!r}; versions 2.0, 2.1 and 3.x can be read: convert it with LeRobot first"
    )


def _version_3(path: Path, info: Row) -> tuple[dict[int, str], tuple[EpisodeFiles, ...]]:
    videos = _video_keys(info)
    rows = [row for file in sorted(path.glob("meta/episodes/*/*.parquet")) for row in _rows(file)]
    episodes = tuple(
        EpisodeFiles(
            number=row["episode_index"],
            length=row["length"],
            table=path / _placed(info["data_path"], row, "data"),
            videos={
                key: (
                    path / _placed(info["video_path"], row, f"videos/{key}", key),
                    float(row[f"videos/{key}/from_timestamp"]),
                )
                for key in videos
                if row.get(f"videos/{key}/file_index") is not None
            },
        )
        for row in sorted(rows, key=lambda row: row["episode_index"])
    )
    return _tasks_3(path / layout.TASKS), episodes


def _version_2(path: Path, info: Row) -> tuple[dict[int, str], tuple[EpisodeFiles, ...]]:
    """Read a version 2 folder: per episode one parquet file and one video per camera; metadata as JSON lines."""
    videos, chunk = _video_keys(info), int(info.get("chunks_size", 1000))

    def placed(template: str, number: int, key: str = "") -> Path:
        return path / template.format(video_key=key, episode_index=number, episode_chunk=number // chunk)

    rows = _lines(path / "meta/episodes.jsonl")
    episodes = tuple(
        EpisodeFiles(
            number=row["episode_index"],
            length=row["length"],
            table=placed(info["data_path"], row["episode_index"]),
            videos={key: (placed(info["video_path"], row["episode_index"], key), 0.0) for key in videos},
        )
        for row in rows
    )
    return {row["task_index"]: row["task"] for row in _lines(path / "meta/tasks.jsonl")}, episodes


def _video_keys(info: Row) -> list[str]:
    """Return the cameras stored as colour video; depth is skipped."""
    return [
        name
        for name, entry in info["features"].items()
        if entry["dtype"] == "video" and not _is_depth(entry.get("info") or entry.get("video_info") or {})
    ]


def _is_depth(info: Row) -> bool:
    return bool(info.get("video.is_depth_map") or info.get("is_depth_map"))


def _rows(path: Path) -> list[dict[str, Any]]:
    """Read a table of episodes without its statistics, which may be wrong."""
    names = [name for name in pq.read_schema(path).names if not name.startswith("stats/")]
    return pq.read_table(path, columns=names).to_pylist()


def _tasks_3(path: Path) -> dict[int, str]:
    """Return the tasks; the text is the column that is not the index, under any name."""
    table = pq.read_table(path)
    name = next(each for each in table.column_names if each != "task_index")
    return dict(zip(table["task_index"].to_pylist(), map(str, table[name].to_pylist()), strict=True))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def _placed(template: str, row: Row, prefix: str, key: str = "") -> str:
    chunk, file = row[f"{prefix}/chunk_index"], row[f"{prefix}/file_index"]
    return template.format(video_key=key, chunk_index=chunk, file_index=file)


def _size(entry: Row) -> int:
    size = 1
    for each in entry["shape"]:
        size *= int(each)
    return size


def by_file(episodes: tuple[EpisodeFiles, ...], feature: str) -> dict[Path, list[EpisodeFiles]]:
    """Return the episodes in each video file of a camera, in file order."""
    there = [each for each in episodes if feature in each.videos]
    place: Callable[[EpisodeFiles], tuple[str, float]] = lambda each: (  # noqa: E731
        str(each.videos[feature][0]),
        each.videos[feature][1],
    )
    return {Path(path): list(each) for path, each in groupby(sorted(there, key=place), key=lambda one: place(one)[0])}
