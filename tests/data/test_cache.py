"""The cache holds what the videos decode to, is made once, and is made again when it is stale."""

import shutil
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
        with pytest.raises(DatasetError, match="has 3 frames and"):
            open_cache(dataset)


def test_a_video_that_cannot_be_read_is_an_error(path: Path) -> None:
    dataset = open_dataset(path)
    dataset.videos["observation.images.wrist"].paths[0].write_bytes(b"not a video")
    with pytest.raises(DatasetError, match="cannot be read"):
        open_cache(dataset)
