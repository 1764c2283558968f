"""Decoded pictures of a dataset as arrays on disk, so that training reads any frame without decoding video.

cache/overview.npy   uint8 (N, h, w, 3), row i is frame i of the dataset; one file a camera
cache/cache.json     which dataset it was made from; written last, so that a half-made cache is made again
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_wm.data import layout, video
from robot_wm.data.episodes import EpisodeDataset, VideoFiles
from robot_wm.errors import DatasetError

FOLDER = "cache"
_NOTE = "cache.json"

Pictures = NDArray[np.uint8]
Report = Callable[[int], None]  # hears how many more frames are decoded


def open_cache(dataset: EpisodeDataset, report: Report = lambda frames: None) -> dict[str, Pictures]:
    """Pictures by camera name, uint8 (N, h, w, 3), read-only and mapped from disk; decoded first where need be.

    `report` is called from several threads. Raises DatasetError where a video cannot be read or lacks frames.
    """
    folder = dataset.path / FOLDER
    if not _is_fresh(dataset, folder):
        _build(dataset, folder, report)
    return {camera: np.load(folder / f"{camera}.npy", mmap_mode="r") for camera in dataset.cameras}


def fingerprint(dataset: EpisodeDataset) -> str:
    """Changes when the dataset's description, its episodes or the size of one of its videos does."""
    digest = hashlib.blake2b((dataset.path / layout.INFO).read_bytes(), digest_size=16)
    digest.update(dataset.episode_stop.tobytes())
    for name, videos in sorted(dataset.videos.items()):
        digest.update(name.encode() + videos.first.tobytes())
        for path in dict.fromkeys(videos.paths):
            digest.update(f"{path.relative_to(dataset.path)} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _is_fresh(dataset: EpisodeDataset, folder: Path) -> bool:
    """Whether the note is about this dataset and each array has the size it must have."""
    try:
        if json.loads((folder / _NOTE).read_text())["fingerprint"] != fingerprint(dataset):
            return False
        arrays = {camera: np.load(folder / f"{camera}.npy", mmap_mode="r") for camera in dataset.cameras}
    except (OSError, ValueError, KeyError):
        return False
    wanted = {camera: (len(dataset), *each.shape) for camera, each in dataset.cameras.items()}
    return {camera: array.shape for camera, array in arrays.items()} == wanted


def _build(dataset: EpisodeDataset, folder: Path, report: Report) -> None:
    """Decode every video, one thread a core: decoding leaves Python's lock alone."""
    folder.mkdir(exist_ok=True)
    (folder / _NOTE).unlink(missing_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        jobs = []
        for camera, feature in dataset.cameras.items():
            array = np.lib.format.open_memmap(
                folder / f"{camera}.npy", mode="w+", dtype=np.uint8, shape=(len(dataset), *feature.shape)
            )
            for path, places in _places(dataset, dataset.videos[feature.name]).items():
                jobs.append(threads.submit(_decode, path, places, array, report))
        for job in jobs:
            job.result()
    layout.write_json(folder / _NOTE, {"fingerprint": fingerprint(dataset)})


def _places(dataset: EpisodeDataset, videos: VideoFiles) -> Mapping[Path, list[tuple[int, int, int]]]:
    """By file: (first frame in the file, first row of the array, length) of its episodes, in the file's order."""
    places: dict[Path, list[tuple[int, int, int]]] = defaultdict(list)
    lengths = dataset.episode_stop - dataset.episode_start
    for path, first, row, length in zip(videos.paths, videos.first, dataset.episode_start, lengths, strict=True):
        places[path].append((int(first), int(row), int(length)))
    return {path: sorted(each) for path, each in places.items()}


def _decode(path: Path, places: list[tuple[int, int, int]], array: Pictures, report: Report) -> None:
    pictures, position = video.decode(path), 0
    for first, row, length in places:
        _skip(pictures, first - position)
        count = -1
        for count, picture in enumerate(islice(pictures, length)):
            array[row + count] = picture
        if count + 1 != length:
            raise DatasetError(
                f"video {path} has {first + count + 1} frames and {first + length} are needed; collect again"
            )
        position = first + length
        report(length)


def _skip(pictures: Iterator[Pictures], count: int) -> None:
    for _ in islice(pictures, count):
        pass
