"""Our own logs as training data and as a LeRobotDataset: what was logged comes out, to the last bit where it can."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.action_space import CartesianActions
from robot_wm.config import find_config, load_config
from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import open_dataset
from robot_wm.data.table import TABLE
from robot_wm.data.verifying import verify
from robot_wm.errors import DatasetError, RobotWMError, UnknownNameError
from robot_wm.exchange.exporting import export_logs
from robot_wm.exchange.importing import import_recordings
from robot_wm.exchange.mapping import DatasetMapping, PictureSource
from robot_wm.exchange.own_logs import LABELS, Label
from robot_wm.exchange.sources import kind_of, log_source, mapped_source
from robot_wm.fake import fake_spec
from robot_wm.goals import Task
from robot_wm.log.entries import LogHeader
from robot_wm.log.messages import PLAN_RECORD
from robot_wm.log.read import load_log
from robot_wm.types import Floats
from tests.data.lerobot_layout import check_layout
from tests.exchange.sessions import NUMBERS, Session, session
from tests.log import sessions

MAPPING = DatasetMapping({"overview": PictureSource("overview", 24), "wrist": PictureSource("wrist", 16)})


def no_label(header: LogHeader) -> Label | None:
    return None


def test_an_export_holds_every_number_of_every_tick(tmp_path: Path) -> None:
    _, told, _ = sessions.record(tmp_path / "a.mcap", ticks=12)
    export_logs([tmp_path / "a.mcap"], tmp_path / "out", None, None)
    check_layout(tmp_path / "out")
    dataset = open_dataset(tmp_path / "out")
    assert (dataset.fps, len(dataset)) == (10, 12)
    columns = dataset.arrays
    right = {
        "log.measured": [[*t.observation.state.q_rad, t.observation.state.gripper] for t in told],
        "log.velocity": [t.observation.state.dq_rad_s for t in told],
        "log.effort": [t.observation.state.effort for t in told],
        "log.in_force": [[*t.observation.sent.q_rad, t.observation.sent.gripper] for t in told],
        "log.requested": [[*t.target.q_rad, t.target.gripper] for t in told],
        "log.sent": [[*t.sent.q_rad, t.sent.gripper] for t in told],
        "log.decision": [t.decision.action for t in told],
        "log.clock_s": [[t.clock_s] for t in told],
        "log.measured_s": [[t.observation.state.stamp_s] for t in told],
        "log.sent_s": [[t.sent.stamp_s] for t in told],
        "log.overview_s": [[t.observation.frames["overview"].stamp_s] for t in told],
        "log.steps_to_goal": [[t.decision.steps_to_goal] for t in told],
        "log.done_probability": [[-1.0] for _ in told],  # nobody knew
        "log.simulator": [np.arange(6) / 3.0 for _ in told],
    }
    for name, values in right.items():
        np.testing.assert_array_equal(columns[name], np.array(values), err_msg=name)
    np.testing.assert_array_equal(columns["action"], columns["log.sent"].astype(np.float32))
    np.testing.assert_array_equal(columns["observation.state"], columns["log.measured"].astype(np.float32))
    assert columns["log.limited"][:, 0].tolist() == ["workspace"] * 12
    plan = PLAN_RECORD.decode(json.loads(columns["log.plan"][3, 0]))
    np.testing.assert_array_equal(plan.costs, told[3].decision.plan.costs)  # type: ignore[union-attr]
    assert dataset.segments.tasks == (Task.from_json(sessions.TASK),) and dataset.segments.success.all()
    assert dataset.tasks == ("push it",)


def test_an_export_says_what_the_format_cannot_hold(tmp_path: Path) -> None:
    sessions.record(tmp_path / "a.mcap", ticks=3)
    export_logs([tmp_path / "a.mcap"], tmp_path / "out", None, None)
    told = json.loads((tmp_path / "out/meta/origin.json").read_text())["logs"][0]
    assert told["not_in_the_dataset"] == {"looks": 2, "states_between_ticks": 3, "bus_messages": 1}
    assert told["notes"][0]["words"] == "all is well"
    assert told["header"]["policy"]["checkpoint_sha256"] == "ab" * 32
    assert "data_files: data/*/*.parquet" in (tmp_path / "out/README.md").read_text()


def test_an_export_of_an_export_is_sound_by_our_own_check(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=20)
    export_logs([made.path], tmp_path / "out", None, None)
    assert verify(tmp_path / "out").errors == []


def test_uneven_ticks_are_counted(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=20, late={5: 0.03, 12: 0.3})
    account = export_logs([made.path], tmp_path / "out", None, None)
    use = account.recordings[0]["streams"]["ticks"]
    assert account.episodes == 2 and account.recordings[0]["left_out_frames"] > 0
    assert use["samples"] == 20 and 0.02 < use["worst_s"] <= 0.08
    kept = open_dataset(tmp_path / "out").arrays["log.tick"][:, 0]
    assert len(set(kept.tolist())) == 20 - use["dropped"]


def test_training_data_of_a_log_are_what_the_policy_saw_and_asked(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=20, kind="oracle")
    source, form = log_source([made.path], MAPPING, no_label)
    import_recordings(source, form, tmp_path / "out", 0.05, {})
    dataset = open_dataset(tmp_path / "out")
    np.testing.assert_allclose(dataset.arrays["observation.state"], made.states, atol=1e-6)
    np.testing.assert_allclose(dataset.arrays["action"], made.asked, atol=1e-6)
    np.testing.assert_array_equal(dataset.arrays["action.expert"], dataset.arrays["action"])
    assert dataset.arrays["action.expert_valid"].all()
    pictures = np.asarray(open_cache(dataset)["overview"], int)
    assert np.abs(pictures.mean(axis=(1, 2, 3)) - made.shades).max() < 3


def test_what_a_log_was_told_by_a_planner_is_no_demonstration(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=5, kind="planner")
    source, form = log_source([made.path], MAPPING, no_label)
    import_recordings(source, form, tmp_path / "out", 0.05, {})
    assert not open_dataset(tmp_path / "out").arrays["action.expert_valid"].any()


def test_labels_are_those_of_the_state_that_a_tick_began_with(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=6)

    def find_label(header: LogHeader) -> Label:
        return lambda state: {each.name: np.full(each.shape, state[0], np.float32) for each in LABELS}

    source, form = log_source([made.path], MAPPING, find_label)
    import_recordings(source, form, tmp_path / "out", 0.05, {})
    labels = open_dataset(tmp_path / "out").arrays[TABLE.name]
    assert labels[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]  # the state after tick k - 1 is k


def test_an_export_imports_to_what_the_log_imports_to(tmp_path: Path) -> None:
    """All but the actions: an export knows what was sent, and a log also what was asked."""
    made = session(tmp_path / "a.mcap", ticks=20)
    export_logs([made.path], tmp_path / "exported", None, None)
    mapping = replace(load_config(DatasetMapping, find_config("datasets", "export")), pictures=_exported_pictures())
    source, form = mapped_source([tmp_path / "exported"], mapping, fake_spec())
    import_recordings(source, form, tmp_path / "there", 0.05, {})
    own, own_form = log_source([made.path], MAPPING, no_label)
    import_recordings(own, own_form, tmp_path / "here", 0.05, {})
    here, there = open_dataset(tmp_path / "here"), open_dataset(tmp_path / "there")
    np.testing.assert_allclose(here.arrays["observation.state"], there.arrays["observation.state"], atol=1e-6)
    np.testing.assert_allclose(here.arrays["action"][:, :3], there.arrays["action"][:, :3], atol=5e-4)
    np.testing.assert_allclose(here.arrays["action"][:, 3:], there.arrays["action"][:, 3:], atol=5e-3)
    assert here.segments.tasks == there.segments.tasks and here.tasks == there.tasks


def _exported_pictures() -> dict[str, PictureSource]:
    return {
        "overview": PictureSource("observation.images.overview", 24),
        "wrist": PictureSource("observation.images.wrist", 16),
    }


def test_logs_of_different_cameras_do_not_go_together(tmp_path: Path) -> None:
    sessions.record(tmp_path / "a.mcap", ticks=3)
    made = session(tmp_path / "b.mcap", ticks=3)
    with pytest.raises(DatasetError, match=r"a\.mcap and .*b\.mcap do not fit together: they differ in"):
        export_logs([tmp_path / "a.mcap", made.path], tmp_path / "out", None, None)
    assert not (tmp_path / "out").exists()


def test_a_log_in_which_nothing_moved_is_a_named_error(tmp_path: Path) -> None:
    sessions.record(tmp_path / "a.mcap", ticks=0)
    with pytest.raises(DatasetError, match="has no tick"):
        export_logs([tmp_path / "a.mcap"], tmp_path / "out", None, None)
    (tmp_path / "b.mcap").write_text("no log")
    with pytest.raises(RobotWMError):
        export_logs([tmp_path / "b.mcap"], tmp_path / "out", None, None)
    assert not (tmp_path / "out").exists()


def test_an_unknown_camera_is_named(tmp_path: Path) -> None:
    made = session(tmp_path / "a.mcap", ticks=3)
    assert kind_of([made.path]) == "log"
    wrong = DatasetMapping({"overview": PictureSource("top", 24)})
    source, form = log_source([made.path], wrong, no_label)
    with pytest.raises(UnknownNameError, match="unknown camera 'top'; known: overview, wrist"):
        import_recordings(source, form, tmp_path / "out", 0.05, {})
    assert not (tmp_path / "out").exists()


def test_the_session_of_these_tests_moves_as_actions_say(tmp_path: Path) -> None:
    made: Session = session(tmp_path / "a.mcap", ticks=4)
    ticks = list(load_log(made.path).ticks())
    actions = CartesianActions(NUMBERS.kinematics)
    for tick in ticks:
        wanted: Floats = actions.target(tick.decision.action, tick.observation.state, tick.observation.sent).q_rad
        np.testing.assert_array_equal(tick.sent.q_rad, wanted)
