"""Reads recordings from a LeRobotDataset folder, through a mapping of its features.

Handles known defects of such folders: videos that are one frame short, drifting timestamps, files left unreadable by
a killed recorder, wrong statistics (never read), non-finite values. An unreadable episode is left out and reported.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from robot_wm.data import layout, segments, tables, video
from robot_wm.errors import DatasetError, UnknownNameError
from robot_wm.exchange.fitting import columns_of, decoded
from robot_wm.exchange.lerobot_folders import EpisodeFiles, LeRobotFolder, by_file, open_folder
from robot_wm.exchange.mapping import DatasetMapping, GripperSource, JointSource
from robot_wm.exchange.recording import Numbers, Part, Picture, Pictures, Recording, finite, require_ascending
from robot_wm.types import ArmSpec, Floats

_PICTURES = ("video", "image")


@dataclass(frozen=True)
class LeRobotSource:
    """A folder and its mapping. Raises DatasetError or UnknownNameError if they do not fit."""

    folder: LeRobotFolder
    mapping: DatasetMapping
    spec: ArmSpec

    def __post_init__(self) -> None:
        for source in self._numbers:
            self._require(source, pictures=False)
        for camera in self.mapping.pictures.values():
            if camera.source is not None:
                self._require(camera.source, pictures=True)

    @classmethod
    def opened(cls, path: Path, mapping: DatasetMapping, spec: ArmSpec) -> "LeRobotSource":
        return cls(open_folder(path), mapping, spec)

    def recordings(self, lost: Callable[[str], None]) -> Iterator[Recording]:
        """Yield one recording per episode; `lost` is called with a message for each unreadable one."""
        for episode in self.folder.episodes:
            try:
                yield self._recording(episode)
            except DatasetError as error:
                lost(f"episode {episode.number} is left out: {error}")

    @property
    def _numbers(self) -> tuple[str, ...]:
        """Features with mapped numbers."""
        m = self.mapping
        given = (m.joints, m.gripper, m.speeds, m.sent_joints, m.sent_gripper)
        return tuple(dict.fromkeys([*(each.source for each in given if each is not None), *m.columns.values()]))

    def _require(self, source: str, pictures: bool) -> None:
        fitting = [name for name, each in self.folder.features.items() if (each["dtype"] in _PICTURES) == pictures]
        if source not in fitting:
            kind = "camera" if pictures else "feature"
            raise UnknownNameError(kind, source, fitting, f"(in {self.folder.path}) Correct the mapping.")

    def _recording(self, episode: EpisodeFiles) -> Recording:
        m, table = self.mapping, _read_table(episode, self._columns())
        stamps_s = table["frame_index"].to_numpy() / self.folder.fps
        require_ascending(stamps_s, str(episode.table))
        notes: list[str] = []
        if len(stamps_s) != episode.length:
            notes.append(f"episode {episode.number} should have {episode.length} frames and has {len(stamps_s)}")
        stream = lambda values: _kept(stamps_s, values, episode, notes)  # noqa: E731
        joints = lambda each: None if each is None else each.to_rad(self._values(table, each), self.spec)  # noqa: E731
        sent = None
        if m.sent_joints is not None and m.sent_gripper is not None:
            opening = m.sent_gripper.to_opening(self._values(table, m.sent_gripper))
            sent = stream(np.hstack([m.sent_joints.to_rad(self._values(table, m.sent_joints), self.spec), opening]))
        return Recording(
            name=f"{self.folder.path} episode {episode.number}",
            pictures=self._pictures(episode, stamps_s, notes),
            parts=self._segment_parts.get(episode.number) or self._parts(table, stamps_s),
            joints=stream(joints(m.joints)),
            speeds=None if m.speeds is None else stream(m.speeds.to_rad_s(self._values(table, m.speeds), self.spec)),
            gripper=stream(None if m.gripper is None else m.gripper.to_opening(self._values(table, m.gripper))),
            sent=sent,
            columns={ours: Numbers(stamps_s, self._column(table, theirs)) for ours, theirs in m.columns.items()},
            nominal=True,
            notes=tuple(notes),
        )

    def _columns(self) -> list[str]:
        pictures = [each.source for each in self.mapping.pictures.values() if each.source is not None]
        images = [name for name in pictures if self.folder.features[name]["dtype"] == "image"]
        return list(dict.fromkeys(["frame_index", "episode_index", "task_index", *self._numbers, *images]))

    def _column(self, table: pa.Table, name: str) -> np.ndarray:
        """Return a column as (M, n), for any shape of the feature."""
        return tables.column(table, name, (-1,))

    def _values(self, table: pa.Table, source: JointSource | GripperSource) -> Floats:
        """Return the values of a mapped source (M, n), float64."""
        values, known = self._column(table, source.source).astype(np.float64), self.folder.names_of(source.source)
        if isinstance(source, GripperSource):
            wanted: Sequence[str] = (source.name or known[-1],)
        else:
            wanted = source.names or known[: self.spec.n_joints]
        return values[:, columns_of(wanted, known, source.source)]

    def _parts(self, table: pa.Table, stamps_s: Floats) -> tuple[Part, ...]:
        index = table["task_index"].to_numpy()
        begins = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
        texts = [self.folder.tasks.get(int(index[k]), "") or self.mapping.words for k in begins]
        tasks = [self.mapping.task_of(text) for text in texts]
        return tuple(
            Part(float(stamps_s[k]), text, task, self.mapping.demonstrations and not task.is_refusal)
            for k, text, task in zip(begins, texts, tasks, strict=True)
        )

    @cached_property
    def _segment_parts(self) -> dict[int, tuple[Part, ...]]:
        """Return parts by episode from meta/segments.parquet, which robot_wm's own datasets have."""
        path = self.folder.path / layout.SEGMENTS
        if not path.is_file():
            return {}
        table = segments.read(path, np.zeros(max(each.number for each in self.folder.episodes) + 1, np.int64))
        parts: dict[int, tuple[Part, ...]] = {}
        for k, task in enumerate(table.tasks):
            words = table.captions[k][0] if table.captions[k] else ""
            part = Part(float(table.start[k]) / self.folder.fps, words, task, bool(table.success[k]))
            parts[int(table.episode[k])] = (*parts.get(int(table.episode[k]), ()), part)
        return parts

    def _pictures(self, episode: EpisodeFiles, stamps_s: Floats, notes: list[str]) -> dict[str, Pictures]:
        found = {}
        for ours, camera in self.mapping.pictures.items():
            if camera.source is None:
                continue
            if self.folder.features[camera.source]["dtype"] == "image":
                found[ours] = Pictures(stamps_s, _Embedded(self.folder.path, episode, camera.source).read)
            else:
                found[ours] = self._video(episode, camera.source, stamps_s, notes)
        return found

    def _video(self, episode: EpisodeFiles, feature: str, stamps_s: Floats, notes: list[str]) -> Pictures:
        if feature not in episode.videos:
            raise DatasetError(f"it has no video of {feature!r}")
        path, _ = episode.videos[feature]
        first, there = self._first(feature, path)[episode.number]
        if there < len(stamps_s):
            notes.append(f"{path} has {there} frames of the {len(stamps_s)} of episode {episode.number}")
        fps = self.folder.fps
        return Pictures(stamps_s[:there], lambda wanted: video.frames_at(path, fps, [first + k for k in wanted]))

    def _first(self, feature: str, path: Path) -> dict[int, tuple[int, int]]:
        """Return, by episode in a video file, its first frame there and its number of frames.

        Frames are counted if the file has as many as its episodes, since timestamps in such folders may drift.
        """
        if (feature, path) not in self._known:
            there, count = self._files[feature][path], video.count_frames(path)
            lengths = [each.length for each in there]
            counted = np.concatenate([[0], np.cumsum(lengths)[:-1]])
            timed = np.round([each.videos[feature][1] * self.folder.fps for each in there])
            first = (counted if sum(lengths) == count else timed).astype(int).tolist()
            self._known[feature, path] = {
                each.number: (start, max(0, min(each.length, count - start)))
                for each, start in zip(there, first, strict=True)
            }
        return self._known[feature, path]

    @cached_property
    def _files(self) -> dict[str, dict[Path, list[EpisodeFiles]]]:
        cameras = [each.source for each in self.mapping.pictures.values() if each.source is not None]
        return {name: by_file(self.folder.episodes, name) for name in cameras}

    @cached_property
    def _known(self) -> dict[tuple[str, Path], dict[int, tuple[int, int]]]:
        return {}


@dataclass(frozen=True)
class _Embedded:
    """Pictures stored as PNG or JPEG in the table, or as files that it names."""

    root: Path
    episode: EpisodeFiles
    feature: str

    def read(self, wanted: Sequence[int]) -> Iterator[Picture]:
        cells = _read_table(self.episode, ["frame_index", "episode_index", self.feature])[self.feature]
        for k in wanted:
            cell = cells[int(k)].as_py()
            data = cell["bytes"] if cell.get("bytes") else (self.root / cell["path"]).read_bytes()
            yield decoded(data, f"picture {k} of {self.feature!r} in {self.episode.table}")


def _read_table(episode: EpisodeFiles, columns: list[str]) -> pa.Table:
    """Return the rows of one episode in frame order. Raises DatasetError."""
    try:
        table = pq.read_table(episode.table, columns=columns, filters=[("episode_index", "==", episode.number)])
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{episode.table} cannot be read: {error}") from error
    if table.num_rows == 0:
        raise DatasetError(f"{episode.table} has no frames of it")
    return table.sort_by("frame_index")


def _kept(stamps_s: Floats, values: Floats | None, episode: EpisodeFiles, notes: list[str]) -> Any:
    """Return a stream without non-finite samples; None for None."""
    if values is None:
        return None
    numbers, gone = finite(Numbers(stamps_s, values))
    if gone:
        notes.append(f"{gone} samples of episode {episode.number} had non-finite values and were left out")
    return numbers
