"""What is written is what is read, and the layout is LeRobot's, seen through pyarrow and PyAV alone."""

import json
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from robot_wm.data import video
from robot_wm.data.dataset_writer import DatasetWriter
from robot_wm.data.episodes import open_dataset
from robot_wm.data.joining import join
from robot_wm.errors import DatasetError
from tests.data import synthetic
from tests.data.lerobot_layout import check_layout

MEAN_ERROR, WORST_ERROR = 2.0, 60  # levels of 255 that a picture may lose in the video


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    path = tmp_path_factory.mktemp("data") / "set"
    return path, synthetic.dataset(path, range(4))


def test_tables_come_back_bit_for_bit(written: tuple[Path, list]) -> None:
    path, episodes = written
    dataset = open_dataset(path)
    assert len(dataset) == sum(each.length for each in episodes)
    for feature in synthetic.FEATURES:
        if not feature.is_video:
            expected = np.concatenate([each.columns[feature.name] for each in episodes])
            received = dataset.arrays[feature.name]
            assert received.dtype == expected.dtype and received.shape == expected.shape
            assert received.tobytes() == expected.tobytes()
            assert dataset.features[feature.name] == feature


def test_segments_come_back(written: tuple[Path, list]) -> None:
    path, episodes = written
    dataset = open_dataset(path)
    assert [dataset.segments_of(k) for k in range(dataset.n_episodes)] == [each.segments for each in episodes]
    for k in range(len(dataset.segments)):
        frames = slice(dataset.segments.start[k], dataset.segments.stop[k])
        assert (dataset.arrays["segment_index"][frames] == dataset.segments.number[k]).all()
        words = {dataset.tasks[n] for n in dataset.arrays["task_index"][frames]}
        assert words == {(dataset.segments.captions[k] or (dataset.segments.tasks[k].words(),))[0]}


def test_pictures_come_back_within_the_stated_error(written: tuple[Path, list]) -> None:
    path, episodes = written
    dataset = open_dataset(path)
    for name in ("observation.images.overview", "observation.images.wrist"):
        expected = np.concatenate([each.pictures[name] for each in episodes]).astype(int)
        decoded = np.stack(list(video.decode(dataset.videos[name].paths[0])))
        error = np.abs(decoded - expected)
        assert error.mean() < MEAN_ERROR and error.max() < WORST_ERROR


def test_layout_is_lerobots(written: tuple[Path, list]) -> None:
    check_layout(written[0])


def test_frames_show_at_multiples_of_the_period(written: tuple[Path, list]) -> None:
    path, _ = written
    with av.open(str(next(path.glob("videos/*/*/*.mp4")))) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == synthetic.FPS
        assert not stream.codec_context.has_b_frames


def test_joined_datasets_are_the_one_written_at_once(tmp_path: Path) -> None:
    synthetic.dataset(tmp_path / "a", range(2))
    synthetic.dataset(tmp_path / "b", range(2, 5))
    synthetic.dataset(tmp_path / "whole", range(5))
    join([tmp_path / "a", tmp_path / "b"], tmp_path / "joined")
    check_layout(tmp_path / "joined")
    joined, whole = open_dataset(tmp_path / "joined"), open_dataset(tmp_path / "whole")
    for name, values in whole.arrays.items():
        assert values.tobytes() == joined.arrays[name].tobytes()
    assert joined.tasks == whole.tasks
    assert joined.segments.tasks == whole.segments.tasks
    tables = ("meta/tasks.parquet", "meta/segments.parquet", "data/chunk-000/file-000.parquet")
    assert all((tmp_path / "joined" / each).read_bytes() == (tmp_path / "whole" / each).read_bytes() for each in tables)


def test_statistics_are_those_of_the_data(written: tuple[Path, list]) -> None:
    path, episodes = written
    stats = json.loads((path / "meta/stats.json").read_text())
    states = np.concatenate([each.columns["observation.state"] for each in episodes]).astype(float)
    entry = stats["observation.state"]
    np.testing.assert_allclose(entry["mean"], states.mean(0))
    np.testing.assert_allclose(entry["std"], states.std(0))
    np.testing.assert_allclose(entry["q90"], np.quantile(states, 0.9, axis=0))
    assert entry["count"] == [len(states)]
    pictures = np.concatenate([each.pictures["observation.images.overview"] for each in episodes]) / 255.0
    picture = stats["observation.images.overview"]
    np.testing.assert_allclose(np.ravel(picture["mean"]), pictures.mean((0, 1, 2)), atol=0.02)
    np.testing.assert_allclose(np.ravel(picture["std"]), pictures.std((0, 1, 2)), atol=0.02)
    assert np.shape(picture["mean"]) == (3, 1, 1)


def test_same_episodes_same_bytes(tmp_path: Path, written: tuple[Path, list]) -> None:
    synthetic.dataset(tmp_path / "again", range(4))
    first = {each.relative_to(written[0]): each.read_bytes() for each in written[0].rglob("*") if each.is_file()}
    again = tmp_path / "again"
    assert first == {each.relative_to(again): each.read_bytes() for each in again.rglob("*") if each.is_file()}


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    with (
        pytest.raises(DatasetError, match="at least one episode"),
        DatasetWriter.creating(tmp_path / "set", synthetic.FPS, synthetic.FEATURES),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_dataset_is_never_overwritten(tmp_path: Path) -> None:
    synthetic.dataset(tmp_path / "set", range(1))
    with pytest.raises(DatasetError, match="already exists"):
        synthetic.dataset(tmp_path / "set", range(1))
    open_dataset(tmp_path / "set")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"action": np.zeros((3, 2), np.float32)}, "feature 'action': expected float32"),
        ({"action": None}, "needs the columns"),
        ({"observation.state": np.nan}, "non-finite"),
    ],
)
def test_wrong_episodes_are_refused(tmp_path: Path, change: dict, words: str) -> None:
    episode = synthetic.episode(0)
    columns = dict(episode.columns)
    for name, value in change.items():
        if value is None:
            del columns[name]
        else:
            columns[name] = value if isinstance(value, np.ndarray) else columns[name] * np.float32(value)
    wrong = type(episode)(columns, episode.pictures, episode.segments)
    with (
        pytest.raises(DatasetError, match=words),
        DatasetWriter.creating(tmp_path / "set", synthetic.FPS, synthetic.FEATURES) as writer,
    ):
        writer.add(wrong)
    assert not list(tmp_path.iterdir())


def test_one_row_group_an_episode(written: tuple[Path, list]) -> None:
    path, episodes = written
    file = pq.ParquetFile(path / "data/chunk-000/file-000.parquet")
    assert file.num_row_groups == len(episodes)
