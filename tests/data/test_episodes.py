"""What is wrong with a dataset is said, with what was received and what to do."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from robot_wm.data import layout
from robot_wm.data.episodes import check_fits, open_dataset
from robot_wm.errors import DatasetError
from tests.data import synthetic

FEATURES = {each.name: each for each in synthetic.FEATURES}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "set"
    synthetic.dataset(path, range(3))
    return path


@pytest.fixture
def copy(tmp_path: Path, original: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "set"))


def change_info(path: Path, **values: object) -> None:
    info = json.loads((path / layout.INFO).read_text())
    (path / layout.INFO).write_text(json.dumps(info | values))


def test_a_missing_dataset_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset at .*robot-wm collect --out DIR"):
        open_dataset(tmp_path / "nowhere")


def test_an_older_version_is_refused(copy: Path) -> None:
    change_info(copy, codebase_version="v2.1")
    with pytest.raises(DatasetError, match=r"version 'v2.1'; only v3.0 can be read: import it"):
        open_dataset(copy)


def test_counters_that_disagree_are_damage(copy: Path) -> None:
    change_info(copy, total_frames=7)
    with pytest.raises(DatasetError, match=r"do not agree \(3 episodes and 7 frames claimed"):
        open_dataset(copy)


@pytest.mark.parametrize(
    "victim",
    [
        "meta/tasks.parquet",
        "meta/episodes/chunk-000/file-000.parquet",
        "data/chunk-000/file-000.parquet",
        "videos/observation.images.wrist/chunk-000/file-000.mp4",
    ],
)
def test_a_missing_file_is_damage(copy: Path, victim: str) -> None:
    (copy / victim).unlink()
    with pytest.raises(DatasetError, match=r"is damaged|do not agree"):
        open_dataset(copy)


def test_a_truncated_file_is_damage(copy: Path) -> None:
    victim = copy / "data/chunk-000/file-000.parquet"
    victim.write_bytes(victim.read_bytes()[:-100])
    with pytest.raises(DatasetError, match="is damaged"):
        open_dataset(copy)


def test_info_that_is_not_json_is_damage(copy: Path) -> None:
    (copy / layout.INFO).write_text("{")
    with pytest.raises(DatasetError, match="is not JSON"):
        open_dataset(copy)


def test_it_fits_its_own_features(original: Path) -> None:
    check_fits(open_dataset(original), synthetic.FPS, FEATURES)


@pytest.mark.parametrize(
    ("fps", "features", "words"),
    [
        (30, FEATURES, "has 10 frames per second, the model needs 30"),
        (10, {"observation.effort": FEATURES["action"]}, "has no feature 'observation.effort'"),
        (10, {"action": replace(FEATURES["action"], shape=(5,), names=None)}, r"shape of feature 'action' is \(2,\)"),
        (10, {"action": replace(FEATURES["action"], names=("a", "b"))}, r"names of feature 'action' is \('dx', 'dy'\)"),
        (10, {"action": replace(FEATURES["action"], dtype="float64")}, "dtype of feature 'action' is float32"),
    ],
)
def test_what_does_not_fit_is_named(original: Path, fps: int, features: dict, words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        check_fits(open_dataset(original), fps, features)


def test_a_dataset_of_others_has_a_segment_for_each_text(copy: Path) -> None:
    (copy / layout.SEGMENTS).unlink()
    tasks = pq.read_table(copy / layout.TASKS).rename_columns(["task_index", "__index_level_0__"])
    pq.write_table(tasks, copy / layout.TASKS)
    dataset = open_dataset(copy)
    assert len(dataset.segments) == 6
    assert dataset.tasks == open_dataset(copy).tasks != ()
