"""Write a LeRobotDataset v3, episode by episode; it appears under its name only when it is complete.

    with DatasetWriter.creating(path, fps=10, features=features) as writer:
        writer.add(episode)

Knows the format, not the source of episodes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot_wm.data import layout, video
from robot_wm.data.dataset_tables import DatasetTables, VideoSpan
from robot_wm.data.features import Feature
from robot_wm.data.segments import Segment
from robot_wm.errors import DatasetError
from robot_wm.files import write_whole

SECONDS_A_VIDEO = 1000  # far below 2048 s, where float32 timestamps become too coarse for LeRobot


@dataclass(frozen=True)
class Episode:
    """One episode of T frames, ready to be written. `segments` tile it from 0 to T."""

    columns: Mapping[str, np.ndarray]  # feature name -> (T, *shape)
    pictures: Mapping[str, np.ndarray]  # video feature name -> uint8 (T, h, w, 3)
    segments: tuple[Segment, ...]

    @property
    def length(self) -> int:
        return self.segments[-1].stop


class DatasetWriter:
    """Writes episodes including their pictures. Use `creating`."""

    def __init__(
        self, root: Path, fps: int, features: Sequence[Feature], open_files: ExitStack, robot: str | None
    ) -> None:
        self._root, self._fps, self._open_files = root, fps, open_files
        self._pictures = {each.name: each for each in features if each.is_video}
        self._videos: dict[str, video.VideoWriter] = {}
        self._video_number = -1
        self._tables = DatasetTables(root, fps, features, robot)

    @classmethod
    @contextmanager
    def creating(
        cls, path: Path, fps: int, features: Sequence[Feature], with_stats: bool = True, robot: str | None = None
    ) -> Iterator["DatasetWriter"]:
        """Yield a writer; the dataset appears at `path` when the block succeeds, and not at all if it fails.

        Args:
            path: folder of the dataset; must not exist.
            fps: frames per second.
            features: of every frame.
            with_stats: False skips the statistics, for a part that will be joined to others.
            robot: LeRobot's robot type.
        """
        with layout.appearing(path) as root:
            with ExitStack() as open_files:
                writer = cls(root, fps, features, open_files, robot)
                yield writer
            writer._tables.finish(with_stats)

    def note_origin(self, origin: Mapping[str, object]) -> None:
        """Write meta/origin.json: how the dataset was made."""
        layout.write_json(self._root / layout.ORIGIN, origin)

    def note_card(self, words: str) -> None:
        """Write the dataset's README.md, for people and the Hugging Face Hub."""
        write_whole(self._root / layout.CARD, words.encode())

    def add(self, episode: Episode) -> None:
        """Append one episode. Raises DatasetError if it does not have the dataset's features."""
        if set(episode.pictures) != set(self._pictures):
            known, received = sorted(self._pictures), sorted(episode.pictures)
            raise DatasetError(f"an episode needs the pictures {known}, received {received}")
        for name, pictures in episode.pictures.items():
            self._pictures[name].check(pictures, episode.length)
        self._roll(episode.length)
        spans = {name: VideoSpan(self._video_number, each.frames) for name, each in self._videos.items()}
        self._tables.add(episode.columns, episode.segments, spans)
        for name, pictures in episode.pictures.items():
            self._videos[name].add(pictures)

    def _roll(self, length: int) -> None:
        """Open the next video of each camera if there is none yet or the current one would become too long."""
        longest = max((each.frames for each in self._videos.values()), default=0)
        if self._videos and longest + length <= SECONDS_A_VIDEO * self._fps:
            return
        self._open_files.close()
        self._video_number += 1
        for name, feature in self._pictures.items():
            path = self._root / layout.numbered(layout.VIDEO_PATH, self._video_number, name)
            writer = video.VideoWriter(path, self._fps, *feature.shape[:2])
            self._videos[name] = self._open_files.enter_context(writer)
