"""Decoded pictures of a dataset as arrays on disk, so that training reads any frame without video decoding.

cache/overview.npy   uint8 (N, h, w, 3), row i is frame i of the dataset; one file a camera
cache/cache.json     the dataset it was made from; written last, so that an incomplete cache is rebuilt
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from robot_wm.data import layout, video
from robot_wm.data.arrays import new_array
from robot_wm.data.episodes import EpisodeDataset, VideoFiles
from robot_wm.errors import DatasetError
from robot_wm.files import locked

FOLDER = "cache"
_NOTE = "cache.json"

Pictures = NDArray[np.uint8]
Report = Callable[[int], None]  # called with the number of frames just decoded


def open_cache(dataset: EpisodeDataset, report: Report = lambda frames: None) -> dict[str, Pictures]:
    """Return the pictures by camera name, uint8 (N, h, w, 3), read-only and memory-mapped; decode them first if needed.

    Waits if another process is decoding them.

    Args:
        dataset: whose videos are decoded.
        report: called with numbers of decoded frames, from several threads.

    Raises:
        DatasetError: a video cannot be read or lacks frames, or the disk is full.
    """
    folder = dataset.path / FOLDER
    if not _is_fresh(dataset, folder):
        folder.mkdir(exist_ok=True)
        with locked(folder / "lock"):
            if not _is_fresh(dataset, folder):
                _build(dataset, folder, report)
    return {camera: np.load(folder / f"{camera}.npy", mmap_mode="r") for camera in dataset.cameras}


def fingerprint(dataset: EpisodeDataset) -> str:
    """Return a hash of the dataset's description, its episodes and the sizes of its videos."""
    digest = hashlib.blake2b((dataset.path / layout.INFO).read_bytes(), digest_size=16)
    digest.update(dataset.episode_stop.tobytes())
    for name, videos in sorted(dataset.videos.items()):
        digest.update(name.encode() + videos.first.tobytes())
        for path in dict.fromkeys(videos.paths):
            digest.update(f"{path.relative_to(dataset.path)} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _is_fresh(dataset: EpisodeDataset, folder: Path) -> bool:
    """Return whether the cache belongs to this dataset and each array has the right shape."""
    try:
        if json.loads((folder / _NOTE).read_text())["fingerprint"] != fingerprint(dataset):
            return False
        arrays = {camera: np.load(folder / f"{camera}.npy", mmap_mode="r") for camera in dataset.cameras}
    except (OSError, ValueError, KeyError):
        return False
    wanted = {camera: (len(dataset), *each.shape) for camera, each in dataset.cameras.items()}
    return {camera: array.shape for camera, array in arrays.items()} == wanted


def _build(dataset: EpisodeDataset, folder: Path, report: Report) -> None:
    """Decode every video with one thread per core; decoding releases the GIL."""
    (folder / _NOTE).unlink(missing_ok=True)
    threads, stop = ThreadPoolExecutor(os.cpu_count()), Event()
    with ExitStack() as stack:
        jobs: list[tuple[Path, list[tuple[int, int, int]], Pictures]] = []
        for camera, feature in dataset.cameras.items():
            shape = (len(dataset), *feature.shape)
            array = stack.enter_context(new_array(folder / f"{camera}.npy", np.uint8, shape))
            for path, places in _places(dataset, dataset.videos[feature.name]).items():
                jobs.append((path, places, array))
        stack.callback(threads.shutdown, cancel_futures=True)
        stack.callback(stop.set)  # an error or Ctrl-C does not wait for running jobs
        for done in as_completed([threads.submit(_decode, *each, report, stop) for each in jobs]):
            done.result()
    layout.write_json(folder / _NOTE, {"fingerprint": fingerprint(dataset)})


def _places(dataset: EpisodeDataset, videos: VideoFiles) -> Mapping[Path, list[tuple[int, int, int]]]:
    """Return, by file, (first frame in the file, first row of the array, length) of its episodes, in file order."""
    places: dict[Path, list[tuple[int, int, int]]] = defaultdict(list)
    lengths = dataset.episode_stop - dataset.episode_start
    for path, first, row, length in zip(videos.paths, videos.first, dataset.episode_start, lengths, strict=True):
        places[path].append((int(first), int(row), int(length)))
    return {path: sorted(each) for path, each in places.items()}


def _decode(path: Path, places: list[tuple[int, int, int]], array: Pictures, report: Report, stop: Event) -> None:
    pictures, position = video.decode(path), 0
    for first, row, length in places:
        _skip(pictures, first - position)
        count = -1
        for count, picture in enumerate(islice(pictures, length)):
            array[row + count] = picture
            if stop.is_set():
                return
        if count + 1 != length:
            raise DatasetError(
                f"video {path} has {first + count + 1} frames, {first + length} are needed; collect again"
            )
        position = first + length
        report(length)


def _skip(pictures: Iterator[Pictures], count: int) -> None:
    for _ in islice(pictures, count):
        pass
