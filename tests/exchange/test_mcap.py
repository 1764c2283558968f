"""MCAP files of others become training data, by the clocks of their messages; damaged ones are told from sound ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robot_wm.config import find_config, load_config
from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.errors import ConfigError, DatasetError, UnknownNameError
from robot_wm.exchange.importing import Account, import_recordings
from robot_wm.exchange.mapping import DatasetMapping, GripperSource, JointSource
from robot_wm.exchange.sources import kind_of, mapped_source
from robot_wm.fake import fake_spec
from tests.exchange import bags
from tests.exchange.bags import Event

MAPPING = load_config(DatasetMapping, find_config("datasets", "ros2"))


def imported(bag: Path, mapping: DatasetMapping = MAPPING) -> tuple[EpisodeDataset, Account]:
    out = bag.with_name("imported")
    source, form = mapped_source([bag], mapping, fake_spec())
    account = import_recordings(source, form, out, mapping.tolerance_s, {})
    return open_dataset(out), account


@pytest.mark.parametrize("write", [bags.ros2, bags.foxglove, bags.foxglove_json])
def test_joints_pictures_and_commands_are_those_of_each_moment(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    dataset, account = imported(write(tmp_path / "bag.mcap"))
    assert len(dataset) == 21
    at_s = np.arange(21) / 10.0
    state = dataset.arrays["observation.state"]
    np.testing.assert_allclose(state[:, :5], [bags.q_rad(t)[:5] for t in at_s], atol=1e-5)
    np.testing.assert_allclose(state[2:-2, 5:10], 0.2, atol=1e-3)  # speeds, from differences
    levels = np.asarray(open_cache(dataset)["overview"]).mean(axis=(1, 2, 3))
    nearest = np.ceil(15 * at_s - 0.5 - 1e-6) / 15.0  # the earlier of two
    np.testing.assert_allclose(levels, [bags.shade(t) for t in nearest], atol=3)
    streams = account.recordings[0]["streams"]
    assert streams["joints"]["worst_s"] < 1e-6 and streams["joints"]["dropped"] == 80
    assert streams["pictures wrist"]["worst_s"] == pytest.approx(1 / 30, abs=1e-3)


def test_headers_that_nobody_filled_in_are_refused_and_the_clock_of_the_log_will_do(tmp_path: Path) -> None:
    bag = bags.ros2(tmp_path / "bag.mcap", stamped=False)
    with pytest.raises(DatasetError, match="stamp of sample 1 repeats; choose another clock"):
        imported(bag)
    assert len(imported(bag, replace(MAPPING, stamp="log"))[0]) == 21


def test_other_messages_on_the_same_topic_are_passed_over(tmp_path: Path) -> None:
    mapping = replace(MAPPING, joints=JointSource(bags.STATES, ("nobody", *bags.JOINTS[1:5])))
    with pytest.raises(UnknownNameError, match="unknown name 'nobody'"):
        imported(bags.ros2(tmp_path / "bag.mcap"), mapping)


def test_a_missing_topic_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown topic '/joints'; known: /joint_commands, /joint_states"):
        imported(bags.ros2(tmp_path / "bag.mcap"), replace(MAPPING, joints=JointSource("/joints")))
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("by", [0, 1])
def test_stamps_that_repeat_or_go_back_are_refused(tmp_path: Path, by: int) -> None:
    def spoil(every: list[Event]) -> list[Event]:
        k, before = [*bags.numbered(every, bags.STATES)][10], [*bags.numbered(every, bags.STATES)][9 - by]
        every[k] = replace(every[k], at_s=every[before].at_s)
        return every

    with pytest.raises(DatasetError, match="stamps must ascend, and the stamp of sample 10"):
        imported(bags.ros2(tmp_path / "bag.mcap", spoil))
    assert not (tmp_path / "imported").exists()


def test_before_the_gripper_was_told_anything_nobody_knows_what(tmp_path: Path) -> None:
    def close_late(every: list[Event]) -> list[Event]:
        """The gripper is measured open all along, and told to close after a second, on a topic of its own."""
        late = [each for each in every if each.topic == bags.COMMANDS and each.at_s > 0.95]
        return sorted(
            [*every, *(replace(each, topic="/gripper", position=np.full(6, -0.1745)) for each in late)],
            key=lambda event: event.at_s,
        )

    mapping = replace(MAPPING, sent_gripper=GripperSource("/gripper", "gripper", -0.1745, 0.5236))
    dataset, account = imported(bags.ros2(tmp_path / "bag.mcap", close_late), mapping)
    opening = dataset.arrays["action"][:, 4]
    assert opening[:9].min() > 0.9 and opening[11:20].max() < 0.1
    assert any("before the gripper's first were left out" in note for note in account.notes)


@pytest.mark.parametrize("wrong", [{"names": ("a", "b")}, {"signs": (1.0, -1.0)}, {"zeros_rad": (0.0,) * 6}])
def test_a_mapping_for_another_number_of_joints_is_named(tmp_path: Path, wrong: dict[str, Any]) -> None:
    mapping = replace(MAPPING, joints=JointSource(bags.STATES, **wrong))
    with pytest.raises(ConfigError, match=r"of '/joint_states': arm 'fake' has 5 joints \(shoulder_pan.*received"):
        imported(bags.ros2(tmp_path / "bag.mcap"), mapping)


def test_where_a_camera_was_silent_the_recording_falls_apart(tmp_path: Path) -> None:
    camera = next(iter(bags.CAMERAS))
    quiet = lambda every: [e for e in every if e.topic != camera or not 0.6 < e.at_s < 1.3]  # noqa: E731
    dataset, account = imported(bags.ros2(tmp_path / "bag.mcap", quiet))
    assert dataset.n_episodes == 2
    assert account.recordings[0]["left_out_frames"] == 21 - len(dataset) > 3


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    bag = bags.ros2(tmp_path / "bag.mcap")
    bag.write_bytes(bag.read_bytes()[: bag.stat().st_size // 2])
    dataset, account = imported(bag)
    assert 5 < len(dataset) < 20
    assert "is truncated" in account.notes[0]


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    bag = bags.ros2(tmp_path / "bag.mcap")
    data = bytearray(bag.read_bytes())
    data[len(data) // 2] ^= 1
    bag.write_bytes(bytes(data))
    with pytest.raises(DatasetError, match="is damaged"):
        imported(bag)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.mcap").write_text("hello")
    with pytest.raises(DatasetError, match="neither a LeRobotDataset folder"):
        kind_of([tmp_path / "text.mcap"])
    with pytest.raises(DatasetError, match="does not exist"):
        kind_of([tmp_path / "none.mcap"])
