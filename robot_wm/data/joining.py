"""Join datasets of the same features, in order, into one. Videos are not re-encoded."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from robot_wm.data import layout
from robot_wm.data.dataset_tables import DatasetTables, VideoSpan
from robot_wm.data.episodes import EpisodeDataset, check_fits, open_dataset
from robot_wm.errors import DatasetError


def join(parts: Sequence[Path], path: Path, origin: Mapping[str, object] | None = None) -> None:
    """Write a dataset with the episodes of `parts`, in order; `origin` is stored in meta/origin.json.

    Raises DatasetError if the parts differ in rate or features.
    """
    if not parts:
        raise DatasetError("nothing to join: at least one dataset is needed")
    first = open_dataset(parts[0])
    with layout.appearing(path) as root:
        tables = DatasetTables(root, first.fps, list(first.features.values()))
        files = 0
        for part in parts:
            dataset = first if part is parts[0] else open_dataset(part)
            check_fits(dataset, first.fps, first.features)
            files += _add(dataset, tables, root, files)
        if origin is not None:
            layout.write_json(root / layout.ORIGIN, origin)
        tables.finish()
        _carry_over(parts, root / layout.INFO)


def _carry_over(parts: Sequence[Path], joined: Path) -> None:
    """Copy the arm, and robot type and video encoding in info.json, where the parts agree."""
    arms = [layout.read_arm(part) for part in parts]
    if arms[0] and all(each == arms[0] for each in arms):
        layout.write_json(joined.parents[1] / layout.ARM, arms[0])
    every, info = [layout.read_info(part) for part in parts], json.loads(joined.read_text())
    if all(each.get("robot_type") == every[0].get("robot_type") for each in every):
        info["robot_type"] = every[0].get("robot_type")
    for name, feature in info["features"].items():
        infos = [each["features"][name].get("info") for each in every]
        if feature["dtype"] == "video" and all(each == infos[0] for each in infos):
            feature["info"] = infos[0]
    layout.write_json(joined, info)


def _add(dataset: EpisodeDataset, tables: DatasetTables, root: Path, files: int) -> int:
    """Add one dataset; its videos are numbered from `files` on. Return how many numbers were used."""
    numbers: dict[str, dict[Path, int]] = {}
    for name, videos in dataset.videos.items():
        numbers[name] = {each: files + k for k, each in enumerate(dict.fromkeys(videos.paths))}
        for source, number in numbers[name].items():
            _link(source, root / layout.numbered(layout.VIDEO_PATH, number, name))
    for episode, (start, stop) in enumerate(zip(dataset.episode_start, dataset.episode_stop, strict=True)):
        columns = {
            name: dataset.arrays[name][start:stop] for name, each in dataset.features.items() if not each.is_video
        }
        spans = {
            name: VideoSpan(numbers[name][videos.paths[episode]], int(videos.first[episode]))
            for name, videos in dataset.videos.items()
        }
        tables.add(columns, dataset.segments_of(episode), spans)
    return max((len(each) for each in numbers.values()), default=0)


def _link(source: Path, target: Path) -> None:
    """Make a hard link if the file system supports it, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
