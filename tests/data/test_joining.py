"""Joined datasets say of each frame what their parts said, and of the robot what only info.json says."""

import json
from pathlib import Path

import pytest

from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.joining import join
from robot_wm.errors import DatasetError
from tests.data import synthetic


def foreign(path: Path, seeds: range, robot: str = "so101_follower") -> EpisodeDataset:
    """A dataset as somebody else would write it: no segments of ours, another codec."""
    synthetic.dataset(path, seeds)
    (path / "meta/segments.parquet").unlink()
    info = json.loads((path / "meta/info.json").read_text()) | {"robot_type": robot}
    for feature in info["features"].values():
        if feature["dtype"] == "video":
            feature["info"]["video.codec"] = "av1"
    (path / "meta/info.json").write_text(json.dumps(info))
    return open_dataset(path)


def said(dataset: EpisodeDataset) -> list[str]:
    """What was said in each frame."""
    return [dataset.tasks[index] for index in dataset.arrays["task_index"]]


def test_what_was_said_in_the_datasets_of_others_is_kept(tmp_path: Path) -> None:
    parts = [foreign(tmp_path / "a", range(2)), foreign(tmp_path / "b", range(2, 4))]
    join([part.path for part in parts], tmp_path / "set")
    joined = open_dataset(tmp_path / "set")
    assert said(joined) == said(parts[0]) + said(parts[1])
    assert len(set(said(joined))) > 1
    info = json.loads((tmp_path / "set/meta/info.json").read_text())
    assert info["robot_type"] == "so101_follower"
    assert info["features"]["observation.images.wrist"]["info"]["video.codec"] == "av1"


def test_segments_of_others_are_stretches_of_one_text(tmp_path: Path) -> None:
    dataset = foreign(tmp_path / "a", range(3))
    table = dataset.segments
    assert table.start[0] == 0 and table.stop[-1] == len(dataset) and (table.start[1:] == table.stop[:-1]).all()
    for start, stop, captions in zip(table.start, table.stop, table.captions, strict=True):
        assert said(dataset)[start:stop] == [captions[0]] * (stop - start)
    for episode in range(3):
        parts = dataset.segments_of(episode)
        assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
        assert list(table.number[table.episode == episode]) == list(range(len(parts)))


def test_robots_of_two_kinds_are_not_called_one(tmp_path: Path) -> None:
    parts = [foreign(tmp_path / "a", range(1)), foreign(tmp_path / "b", range(1, 2), robot="koch")]
    join([part.path for part in parts], tmp_path / "set")
    assert json.loads((tmp_path / "set/meta/info.json").read_text())["robot_type"] is None


def test_nothing_to_join_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="at least one dataset"):
        join([], tmp_path / "set")
