"""Read a LeRobotDataset v3: arrays over all frames, episodes and segments, and the location of each picture.

Reads datasets of our collector and of LeRobot. Pictures themselves come from `robot_wm.data.cache`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from robot_wm.data import layout, segments, tables
from robot_wm.data.features import AUTOMATIC, Feature, from_json
from robot_wm.data.segments import Ints, Segment, SegmentTable
from robot_wm.errors import DatasetError

_REMEDY = "make one with: robot-wm collect --out DIR"


@dataclass(frozen=True)
class VideoFiles:
    """The pictures of one camera: E episodes in shared files."""

    paths: tuple[Path, ...]  # (E,) file of each episode
    first: Ints  # (E,) number of its first frame in that file


@dataclass(frozen=True)
class EpisodeDataset:
    """A dataset of N frames in E episodes. Rows of `arrays` are frames in order, episode after episode."""

    path: Path
    fps: int
    features: Mapping[str, Feature]  # by name; the automatic columns are not among them
    arrays: Mapping[str, np.ndarray]  # name -> (N, *shape); automatic columns (N,)
    episode_start: Ints  # (E,) first frame
    episode_stop: Ints  # (E,) one past the last
    segments: SegmentTable
    tasks: tuple[str, ...]  # texts by task_index
    videos: Mapping[str, VideoFiles]  # by video feature name

    def __len__(self) -> int:
        return int(self.episode_stop[-1])

    @property
    def n_episodes(self) -> int:
        return len(self.episode_start)

    @property
    def cameras(self) -> dict[str, Feature]:
        """Video features by camera name."""
        return {each.camera: each for each in self.features.values() if each.is_video}

    def segments_of(self, episode: int) -> tuple[Segment, ...]:
        """The segments of one episode, frames counted inside it."""
        table, first = self.segments, self.episode_start[episode]
        return tuple(
            Segment(
                int(table.start[k] - first),
                int(table.stop[k] - first),
                table.tasks[k],
                table.happened[k],
                bool(table.success[k]),
                table.captions[k],
            )
            for k in np.flatnonzero(table.episode == episode)
        )


def open_dataset(path: Path | str) -> EpisodeDataset:
    """Open a dataset and check that its parts agree.

    Raises:
        DatasetError: there is no dataset at `path`, or it is damaged.
    """
    path = Path(path)
    info = layout.read_info(path)
    try:
        features = from_json(info["features"])
        rows = tables.read_episodes(path / "meta/episodes")
        arrays = _arrays(path, info, features, rows)
        start, stop = _column(rows, "dataset_from_index"), _column(rows, "dataset_to_index")
        _check(path, info, arrays, start, stop)
        words = tables.read_tasks(path / layout.TASKS)
        return EpisodeDataset(
            path=path,
            fps=int(info["fps"]),
            features=features,
            arrays=arrays,
            episode_start=start,
            episode_stop=stop,
            segments=_segments(path, start, stop, arrays["task_index"], words),
            tasks=words,
            videos=_videos(path, info, features, rows),
        )
    except (OSError, LookupError, TypeError, AttributeError, ValueError, pa.ArrowException) as error:
        raise DatasetError(f"dataset {path} is damaged: {type(error).__name__}: {error}; {_REMEDY}") from error


def check_fits(dataset: EpisodeDataset, fps: int, features: Mapping[str, Feature]) -> None:
    """Raise DatasetError unless the dataset has the rate `fps` and all `features`, with the same shapes and names."""
    if dataset.fps != fps:
        raise DatasetError(
            f"dataset {dataset.path} has {dataset.fps} frames per second, the model needs {fps}; "
            "collect at the model's rate, or train a model for this one"
        )
    for name, wanted in features.items():
        received = dataset.features.get(name)
        if received is None:
            raise DatasetError(
                f"dataset {dataset.path} has no feature {name!r}, which the model needs; it has "
                f"{', '.join(sorted(dataset.features))}; collect it again, or train a model without it"
            )
        for part in ("dtype", "shape", "names"):
            ours, theirs = getattr(wanted, part), getattr(received, part)
            if ours != theirs:
                raise DatasetError(
                    f"dataset {dataset.path}: the {part} of feature {name!r} is {theirs}, the model needs {ours}; "
                    "collect with the same arm and cameras, or train a model for this dataset"
                )


def _arrays(path: Path, info: dict, features: Mapping[str, Feature], rows: Sequence[dict]) -> dict[str, np.ndarray]:
    files = [path / each for each in dict.fromkeys(_file(info["data_path"], row, "data") for row in rows)]
    shapes = {each.name: each.shape for each in features.values() if not each.is_video} | dict.fromkeys(AUTOMATIC, ())
    arrays = dict(tables.read_columns(files, shapes))
    for each in arrays.values():
        each.setflags(write=False)
    return arrays


def _check(path: Path, info: dict, arrays: Mapping[str, np.ndarray], start: Ints, stop: Ints) -> None:
    """Episodes tile the frames in order, and the counters of info.json agree."""
    count = len(arrays["index"])
    tiled = len(start) > 0 and start[0] == 0 and stop[-1] == count and (start[1:] == stop[:-1]).all()
    counted = info["total_frames"] == count and info["total_episodes"] == len(start)
    if not (tiled and counted and (arrays["index"] == np.arange(count)).all()):
        raise DatasetError(
            f"dataset {path} is damaged: its episodes, frames and info.json do not agree "
            f"({info['total_episodes']} episodes and {info['total_frames']} frames claimed, {len(start)} and {count} "
            f"found); {_REMEDY}"
        )


def _segments(path: Path, start: Ints, stop: Ints, task_index: Ints, words: tuple[str, ...]) -> SegmentTable:
    own = path / layout.SEGMENTS
    return segments.read(own, start) if own.exists() else segments.from_texts(start, stop, task_index, words)


def _videos(path: Path, info: dict, features: Mapping[str, Feature], rows: Sequence[dict]) -> dict[str, VideoFiles]:
    videos = {}
    for name in (each.name for each in features.values() if each.is_video):
        paths = tuple(path / _file(info["video_path"], row, f"videos/{name}", name) for row in rows)
        for each in dict.fromkeys(paths):
            if not each.is_file():
                raise DatasetError(f"dataset {path} is damaged: video {each} is missing; {_REMEDY}")
        seconds = np.array([row[f"videos/{name}/from_timestamp"] for row in rows])
        videos[name] = VideoFiles(paths, np.round(seconds * info["fps"]).astype(np.int64))
    return videos


def _file(template: str, row: dict, prefix: str, key: str = "") -> str:
    chunk, file = row[f"{prefix}/chunk_index"], row[f"{prefix}/file_index"]
    return template.format(video_key=key, chunk_index=chunk, file_index=file)


def _column(rows: Sequence[dict], name: str) -> NDArray[np.int64]:
    return np.array([row[name] for row in rows], np.int64)
