"""Folders of LeRobot become training data: the right frames, poses and actions, whatever is wrong with the folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.stats_check import differences, recomputed
from robot_wm.errors import ConfigError, DatasetError, UnknownNameError
from robot_wm.exchange.importing import Account, import_recordings
from robot_wm.exchange.mapping import DatasetMapping, GripperSource, JointSource, PictureSource
from robot_wm.exchange.sources import mapped_source
from robot_wm.fake import fake_spec
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.proprioception import state_names
from tests.data.lerobot_layout import check_layout
from tests.exchange import foreign
from tests.exchange.foreign import Defects

NAMES = tuple(f"{name}.pos" for name in foreign.JOINTS[:5])
MAPPING = DatasetMapping(
    pictures={"overview": PictureSource(foreign.CAMERA, 24), "wrist": PictureSource(foreign.WRIST, 16)},
    joints=JointSource("observation.state", NAMES, "deg"),
    gripper=GripperSource("observation.state", "gripper.pos", open=100.0),
    sent_joints=JointSource("action", NAMES, "deg"),
    sent_gripper=GripperSource("action", "gripper.pos", open=100.0),
    demonstrations=True,
    tasks={"Pick up the red cube.": {"skill": "lift", "object": "red cube"}},
)


def imported(folder: Path, mapping: DatasetMapping = MAPPING) -> tuple[EpisodeDataset, Account]:
    out = folder.with_name("imported")
    source, form = mapped_source([folder], mapping, fake_spec())
    account = import_recordings(source, form, out, mapping.tolerance_s, {})
    return open_dataset(out), account


def shades(dataset: EpisodeDataset, camera: str = "overview") -> np.ndarray:
    """Mean level of each picture (N,)."""
    return np.asarray(open_cache(dataset)[camera]).mean(axis=(1, 2, 3))


def right_shades(lengths: tuple[int, ...]) -> np.ndarray:
    """What every third frame shows."""
    return np.array([foreign.grey(e, i) for e, n in enumerate(lengths) for i in range(0, n, 3)], float)


@pytest.mark.parametrize("write", [foreign.version_3, foreign.version_2], ids=["v3.0", "v2.1"])
def test_every_third_frame_of_30_a_second_becomes_one_of_10(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    dataset, account = imported(write(tmp_path / "foreign"))
    assert dataset.episode_stop.tolist() == [10, 25] and dataset.fps == 10
    np.testing.assert_allclose(shades(dataset), right_shades((30, 45)), atol=2.5)
    np.testing.assert_allclose(shades(dataset, "wrist"), right_shades((30, 45)), atol=2.5)
    q = dataset.arrays["observation.state"][:, :5]
    right = np.deg2rad(np.concatenate([foreign.degrees(0, 30)[::3, :5], foreign.degrees(1, 45)[::3, :5]]))
    np.testing.assert_allclose(q, right, atol=1e-5)
    assert account.recordings[0]["streams"]["joints"]["dropped"] == 20
    assert account.recordings[0]["stamps"].startswith("nominal")
    check_layout(dataset.path)


def test_an_action_carries_the_commanded_tool_from_one_frame_to_the_next(tmp_path: Path) -> None:
    dataset, _ = imported(foreign.version_3(tmp_path / "foreign", (30,)))
    sent = np.deg2rad(foreign.actions(0, 30)[:, :5]).astype(float)
    forward = Kinematics(fake_spec()).forward
    # In force at frame k of ours, which is frame 3 k of theirs: what was sent at 3 k - 1. First of all, the pose.
    tools = [forward(sent[3 * k - 1] if k else np.deg2rad(foreign.degrees(0, 30)[0, :5])) for k in range(10)]
    ends = [*tools[1:], forward(sent[29])]
    steps = [b.position_m - a.position_m for a, b in zip(tools, ends, strict=True)]
    np.testing.assert_allclose(dataset.arrays["action"][:, :3], steps, atol=1e-6)
    column = state_names(5).index("sent_x")
    np.testing.assert_allclose(
        dataset.arrays["observation.state"][:, column], [t.position_m[0] for t in tools], atol=1e-6
    )
    valid = dataset.arrays["action.expert_valid"][:, 0]
    assert valid.any()
    np.testing.assert_array_equal(dataset.arrays["action.expert"][valid], dataset.arrays["action"][valid])


def test_instructions_keep_their_words_and_known_ones_become_goals(tmp_path: Path) -> None:
    dataset, _ = imported(foreign.version_3(tmp_path / "foreign"))
    assert dataset.segments.tasks == (Task("lift", "red cube"), Task("none"))
    assert dataset.segments.success.tolist() == [True, False]
    assert dataset.tasks == foreign.TASKS


@pytest.mark.parametrize(
    ("defects", "note"),
    [
        (Defects(drift_s=1.1 / foreign.FPS), ""),
        (Defects(unnamed_task=True, shuffled_tasks=True), ""),
        (Defects(claimed_episodes=4), ""),
        (Defects(names_in_dict=True), ""),
        (Defects(stats='{"observation.images.front": {"std": [[[0.0]]]}}'), ""),
        (Defects(short_video=1), "has 44 frames of the 45 of episode 1"),
        (Defects(nan_frame=2), "1 samples of episode 0"),
    ],
)
def test_known_defects_are_survived(tmp_path: Path, defects: Defects, note: str) -> None:
    dataset, account = imported(foreign.version_3(tmp_path / "foreign", defects=defects))
    assert len(dataset) == 25
    np.testing.assert_allclose(shades(dataset), right_shades((30, 45)), atol=2.5)
    assert dataset.tasks == foreign.TASKS
    assert note in " ".join(account.notes)
    assert not differences(dataset.path, recomputed(dataset.path))


def test_an_episode_that_a_killed_recorder_left_unreadable_is_left_out_and_said(tmp_path: Path) -> None:
    dataset, account = imported(foreign.version_3(tmp_path / "foreign", defects=Defects(broken_data=True)))
    assert dataset.n_episodes == 1
    assert "episode 1 is left out" in account.lost[0] and "file-001.parquet" in account.lost[0]


def test_pictures_inside_the_tables_are_read_too(tmp_path: Path) -> None:
    dataset, _ = imported(foreign.version_3(tmp_path / "foreign", dtype="image"))
    np.testing.assert_allclose(shades(dataset), right_shades((30, 45)), atol=2.5)


def test_video_alone_is_enough(tmp_path: Path) -> None:
    bare = DatasetMapping(pictures={"overview": PictureSource(foreign.CAMERA, 24), "wrist": PictureSource(None, 16)})
    dataset, _ = imported(foreign.version_3(tmp_path / "foreign"), bare)
    assert set(dataset.features) == {"observation.images.overview", "observation.images.wrist"}
    assert np.asarray(open_cache(dataset)["wrist"]).max() == 0


def test_other_columns_are_taken_over(tmp_path: Path) -> None:
    dataset, _ = imported(foreign.version_3(tmp_path / "foreign"), replace(MAPPING, columns={"reward": "next.reward"}))
    np.testing.assert_allclose(dataset.arrays["reward"][:10, 0], np.linspace(0, 1, 30)[::3], atol=1e-6)


def test_a_source_that_is_not_there_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    folder = foreign.version_3(tmp_path / "foreign")
    with pytest.raises(UnknownNameError, match=r"unknown camera 'observation.images.top'; known: .*front"):
        imported(folder, replace(MAPPING, pictures={"overview": PictureSource("observation.images.top", 24)}))
    wrong = JointSource("observation.state", ("elbow",) * 5)
    with pytest.raises(UnknownNameError, match="unknown name 'elbow'"):
        imported(folder, replace(MAPPING, joints=wrong))
    assert not (tmp_path / "imported").exists()
    assert [each.name for each in tmp_path.iterdir()] == ["foreign"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: (root / "meta/info.json").write_text("{"), "cannot be read"),
        (lambda root: (root / "meta/info.json").write_text('{"codebase_version": "v9.0"}'), "version 'v9.0'"),
        (lambda root: (root / "meta/tasks.parquet").write_bytes(b"PAR1"), "cannot be read"),
        (lambda root: (root / "data/chunk-000/file-000.parquet").unlink(), "nothing could be imported"),
        (lambda root: [each.unlink() for each in root.rglob("*.mp4")], "nothing could be imported"),
    ],
)
def test_what_cannot_be_read_is_a_named_error(tmp_path: Path, spoil: Callable[[Path], object], words: str) -> None:
    folder = foreign.version_3(tmp_path / "foreign")
    spoil(folder)
    with pytest.raises(DatasetError, match=words):
        imported(folder)
    assert not (tmp_path / "imported").exists()


def test_a_mapping_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match="sent_joints and sent_gripper must be given together"):
        replace(MAPPING, sent_gripper=None)
    with pytest.raises(ConfigError, match="joints and gripper must be given together"):
        replace(MAPPING, sent_joints=None, sent_gripper=None, gripper=None)
    with pytest.raises(UnknownNameError, match="unknown skill 'fly'"):
        replace(MAPPING, tasks={"fly": {"skill": "fly"}})
