"""The cache holds what the videos decode to, is made once, and is made again when it is stale."""

import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from robot_wm.data import video
from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.joining import join
from robot_wm.errors import DatasetError
from tests.data import synthetic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    synthetic.dataset(tmp_path / "a", range(2))
    synthetic.dataset(tmp_path / "b", range(2, 4))
    join([tmp_path / "a", tmp_path / "b"], tmp_path / "set")
    return tmp_path / "set"


def decoded_now(dataset: EpisodeDataset) -> int:
    """Opens the cache; how many frames had to be decoded for it."""
    decoded: list[int] = []
    open_cache(dataset, decoded.append)
    return sum(decoded)


def test_rows_are_the_decoded_frames(path: Path) -> None:
    dataset, decoded = open_dataset(path), []
    pictures = open_cache(dataset, decoded.append)
    assert sum(decoded) == 2 * len(dataset)
    assert {camera: each.shape for camera, each in pictures.items()} == {
        "overview": (len(dataset), 32, 32, 3),
        "wrist": (len(dataset), 16, 16, 3),
    }
    files = dict.fromkeys(dataset.videos["observation.images.wrist"].paths)
    expected = np.concatenate([np.stack(list(video.decode(each))) for each in files])
    assert (pictures["wrist"] == expected).all()


def test_it_is_made_once(path: Path) -> None:
    dataset = open_dataset(path)
    assert decoded_now(dataset) == 2 * len(dataset)
    assert decoded_now(dataset) == 0


def test_another_dataset_in_its_place_makes_it_stale(path: Path, tmp_path: Path) -> None:
    open_cache(open_dataset(path))
    synthetic.dataset(tmp_path / "other", range(10, 14))
    shutil.copytree(path / "cache", tmp_path / "other/cache")
    other = open_dataset(tmp_path / "other")
    assert decoded_now(other) == 2 * len(other)
    assert len(open_cache(other)["overview"]) == len(other)


def test_a_truncated_array_is_made_again(path: Path) -> None:
    dataset = open_dataset(path)
    open_cache(dataset)
    array = path / "cache/wrist.npy"
    array.write_bytes(array.read_bytes()[:-10])
    assert decoded_now(dataset) == 2 * len(dataset)
    assert decoded_now(dataset) == 0


def test_a_video_that_lacks_frames_is_an_error(path: Path, tmp_path: Path) -> None:
    dataset = open_dataset(path)
    short = dataset.videos["observation.images.wrist"].paths[0]
    with video.VideoWriter(tmp_path / "short.mp4", synthetic.FPS, 16, 16) as writer:
        writer.add(np.zeros((3, 16, 16, 3), np.uint8))
    (tmp_path / "short.mp4").replace(short)
    for _ in range(2):  # nor is what was made of it taken for whole
        with pytest.raises(DatasetError, match="has 3 frames, "):
            open_cache(dataset)


def test_a_video_that_cannot_be_read_is_an_error(path: Path) -> None:
    dataset = open_dataset(path)
    dataset.videos["observation.images.wrist"].paths[0].write_bytes(b"not a video")
    with pytest.raises(DatasetError, match="cannot be read"):
        open_cache(dataset)


def test_two_at_once_decode_once(path: Path) -> None:
    dataset = open_dataset(path)
    with ThreadPoolExecutor(3) as threads:  # the lock is the file's, so threads stand for processes
        assert sorted(threads.map(decoded_now, [dataset] * 3)) == [0, 0, 2 * len(dataset)]
    assert all(picture.any() for picture in open_cache(dataset)["wrist"])


def test_a_full_disk_is_told_before_a_page_is_touched(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("robot_wm.data.arrays.os.posix_fallocate", full)
    with pytest.raises(DatasetError, match=r"overview\.npy needs 0\.0 GB of disk: No space left on device"):
        open_cache(open_dataset(path))
    assert not list((path / "cache").glob("*.npy*"))


def test_an_interruption_leaves_no_half_made_cache(path: Path) -> None:
    dataset = open_dataset(path)

    def interrupt(frames: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_cache(dataset, interrupt)
    assert not list((path / "cache").glob("*.npy*"))
    assert decoded_now(dataset) == 2 * len(dataset)
