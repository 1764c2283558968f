"""A sound dataset is called sound; each kind of damage is found and named."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from robot_wm.data.stats_check import differences, recomputed, write_stats
from robot_wm.data.summary import summary, words
from robot_wm.data.verifying import verify
from robot_wm.errors import DatasetError
from tests.data import synthetic

DATA = "data/chunk-000/file-000.parquet"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    synthetic.dataset(tmp_path / "set", range(3))
    return tmp_path / "set"


def changed(root: Path, file: str, column: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    table = pq.read_table(root / file)
    values = change(table[column].to_numpy().copy())
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array(values, table.schema.field(column).type)), root / file)


def info(root: Path, **values: object) -> None:
    path = root / "meta/info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def set_one(row: int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values[row] = value
        return values

    return change


def test_what_our_writer_makes_is_sound(root: Path) -> None:
    found = verify(root)
    assert (found.errors, found.warnings) == ([], [])
    assert (found.episodes, found.frames) == (3, summary(root)["frames"])
    assert found.words().startswith(f"{root}: sound")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda root: info(root, total_frames=7), "info.json claims"),
        (lambda root: (root / "meta/info.json").write_text('{"codebase_version": "v3.0"}'), "lacks features, fps"),
        (lambda root: info(root, video_path=None), "cannot be read"),
        (lambda root: _one_episode_more(root / "meta/segments.parquet"), "but there are only 3 episodes"),
        (lambda root: changed(root, DATA, "frame_index", set_one(3, 9)), "frame_index does not count up"),
        (lambda root: changed(root, DATA, "timestamp", set_one(3, 0.35)), "timestamp is not frame_index / fps"),
        (lambda root: changed(root, DATA, "task_index", set_one(3, 99)), "task_index without a task"),
        (lambda root: changed(root, EPISODES, "length", set_one(1, 3)), "claims 3 frames"),
        (lambda root: changed(root, EPISODES, "dataset_from_index", set_one(1, 3)), "do not follow each other"),
        (lambda root: (root / DATA).write_bytes(b"PAR1"), "ArrowInvalid"),
        (lambda root: next(root.glob("videos/*wrist/*/*")).unlink(), "cannot be read"),
        (lambda root: _cut(next(root.glob("videos/*wrist/*/*"))), "cannot be read"),
    ],
)
def test_damage_is_found(root: Path, spoil: Callable[[Path], object], word: str) -> None:
    spoil(root)
    found = verify(root)
    assert any(word in line for line in found.errors), found.errors
    assert not found.to_json()["sound"]


def _one_episode_more(path: Path) -> None:
    table = pq.read_table(path)
    numbers = table["episode_index"].to_numpy().copy()
    numbers[-1] += 1
    pq.write_table(table.set_column(0, "episode_index", pa.array(numbers)), path)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_statistics_that_are_wrong_are_named_and_mended(root: Path) -> None:
    path = root / "meta/stats.json"
    stats = json.loads(path.read_text())
    stats["action"]["std"] = [0.0, 0.0]
    path.write_text(json.dumps(stats))
    right = recomputed(root)
    assert differences(root, right) == ["action: std do not match the data"]
    assert verify(root).warnings == ["statistics of action: std do not match the data"]
    write_stats(root, right)
    assert differences(root, right) == []


def test_an_action_that_jumps_and_a_camera_that_stands_still_are_pointed_at(tmp_path: Path) -> None:
    from dataclasses import replace

    from robot_wm.data.dataset_writer import DatasetWriter
    from robot_wm.data.features import Feature, picture
    from robot_wm.data.segments import Segment
    from robot_wm.goals import Task

    features = (Feature("action", "float32", (1,), ("elbow.pos",)), picture("front", 32, 32))
    action = np.linspace(0, 0.1, 20, dtype=np.float32)[:, None]
    action[12:] += 2.0
    episode = synthetic.Episode(
        {"action": action},
        {"observation.images.front": np.full((20, 32, 32, 3), 90, np.uint8)},
        (Segment(0, 20, Task("home"), (), False, ()),),
    )
    with DatasetWriter.creating(tmp_path / "set", 10, features) as writer:
        writer.add(replace(episode))
    found = verify(tmp_path / "set")
    assert found.errors == []
    assert "action elbow.pos jumps by 2.01 at frame 12" in found.warnings[0]
    assert "100 % of the pictures equal the one before" in found.warnings[1]


def test_where_there_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset at"):
        verify(tmp_path)
    with pytest.raises(DatasetError, match="no dataset at"):
        summary(tmp_path)


def test_a_summary_says_how_much_there_is(root: Path) -> None:
    found = summary(root)
    assert found["episodes"] == 3 and found["fps"] == synthetic.FPS
    assert found["features"]["action"] == ["float32", [2]]
    assert "3 episodes" in words(found)
