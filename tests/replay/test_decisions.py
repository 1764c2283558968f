"""Laws of decision replay: it holds for what was recorded, and names what was changed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robot_wm.config import save_config
from robot_wm.errors import CheckpointError, LogError
from robot_wm.log.entries import LogGoal, LogLook, LogTick
from robot_wm.log.read import load_log
from robot_wm.replay.controller import Controller
from robot_wm.replay.rebuild import Changes, rebuild
from robot_wm.replay.report import Outcome
from robot_wm.replay.runs import replay_decisions
from sim.station import mujoco_station
from tests.replay.editing import edit_tick, flip_one_bit, rewritten
from tests.replay.recordings import CONFIG, record


def replayed(path: Path, changes: Changes | None = None) -> Outcome:
    return replay_decisions(load_log(path), changes or Changes())


def test_the_same_controller_decides_the_same_to_the_last_bit(log_file: Path) -> None:
    outcome = replayed(log_file)
    assert outcome.exit_status == 0, outcome.words
    assert outcome.values["verdict"] == "holds"
    assert (outcome.values["ticks"], outcome.values["equal_ticks"], outcome.values["notes"]) == (12, 12, [])


def test_a_search_that_the_deadline_cut_is_cut_again(weights: Path, tmp_path: Path) -> None:
    hurried = replace(CONFIG, deadline_ms=0.0)
    with mujoco_station("tabletop") as station:
        path = record(station, "mujoco", weights, tmp_path / "a.mcap", ticks=2, config=hurried)
    plans = [tick.decision.plan for tick in load_log(path).ticks()]
    assert [plan.iterations for plan in plans if plan is not None] == [1] * 4
    assert replayed(path).exit_status == 0


def test_one_bit_of_the_weights_is_caught_and_named(log_file: Path, weights: Path, tmp_path: Path) -> None:
    outcome = replayed(log_file, Changes(checkpoint=flip_one_bit(weights, tmp_path / "flipped.safetensors")))
    assert outcome.exit_status == 3
    assert outcome.values["cause"] == "model hash"


def test_one_value_of_the_settings_is_caught_and_named(log_file: Path, tmp_path: Path) -> None:
    save_config(replace(CONFIG, margin=-50.0), tmp_path / "other.yaml")
    outcome = replayed(log_file, Changes(plan=str(tmp_path / "other.yaml")))
    assert outcome.exit_status == 3
    assert outcome.values["causes"][0] == {"kind": "config", "words": "margin: logged 1.0, now -50.0"}
    first = outcome.values["first_difference"]
    assert first["tick"] is not None and "cause: config" in outcome.words


def test_settings_edited_in_the_log_are_caught(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        if topic != "/session":
            return None
        values["policy"]["config"]["elites"] = 0.2
        return [values]

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", change))
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "config")


def test_one_edited_observation_is_caught_with_its_tick(log_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["state"]["q_rad"][2] += 1e-12

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(7, edit)))
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "observation")
    assert outcome.values["causes"][0]["words"] == "tick 7: the observation differs from the recorded one"


def test_an_edited_command_is_a_difference_at_its_tick(
    log_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robot_wm.replay.runs.versions", dict)  # whoever commits while this runs changes no cause

    def edit(values: dict[str, Any]) -> None:
        action = values["decision"]["action"]
        action[1] = float(np.nextafter(action[1], 1.0))

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(5, edit)))
    first = outcome.values["first_difference"]
    assert (outcome.exit_status, outcome.values["equal_ticks"]) == (3, 11)
    assert (first["tick"], first["what"], outcome.values["cause"]) == (5, "action[1]", "numeric")


def test_a_sent_command_that_the_limits_would_not_have_sent_is_found(log_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["sent"]["q_rad"][0] += 0.01

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(11, edit)))
    assert outcome.values["first_difference"]["what"] == "sent command"


def test_a_limited_command_that_the_limits_would_not_have_made_is_found(log_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["sent"]["allowed"]["q_rad"][0] += 1e-6  # much less than half a step

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(11, edit)))
    assert outcome.values["first_difference"]["what"] == "limited command"


def test_a_log_from_before_limited_commands_is_replayed(log_file: Path, tmp_path: Path) -> None:
    def before(topic: str, values: dict[str, Any]) -> list[dict[str, Any]] | None:
        if topic == "/tick":
            del values["sent"]["allowed"]
        return [values] if topic == "/tick" else None

    old = rewritten(log_file, tmp_path / "a.mcap", before)
    assert all(tick.sent.allowed is None for tick in load_log(old).ticks())
    assert replayed(old).values["verdict"] == replayed(log_file).values["verdict"]


def test_lost_ticks_end_the_goal_and_not_the_replay(log_file: Path, tmp_path: Path) -> None:
    lost = edit_tick(2, lambda values: None)

    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        return [] if lost(topic, values) is not None else None

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", change))
    assert outcome.exit_status == 3
    assert outcome.values["causes"][0]["words"] == "tick 2: 1 ticks before it are not in the log"
    assert (outcome.values["ticks"], outcome.values["equal_ticks"]) == (11, 8)  # two before, six of the second goal


def test_ticks_that_are_lost_at_the_end_of_a_goal_are_noticed(log_file: Path, tmp_path: Path) -> None:
    last = edit_tick(5, lambda values: None)  # of the first of two goals
    path = rewritten(log_file, tmp_path / "a.mcap", lambda topic, values: None if last(topic, values) is None else [])
    outcome = replayed(path)
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "observation")
    assert outcome.values["causes"][0]["words"] == "1 ticks at the end of a goal, or all of one, are not in the log"
    assert (outcome.values["ticks"], outcome.values["equal_ticks"]) == (11, 11)


def second_goal(log_file: Path, to: Path) -> Path:
    """A copy of the log without its second goal."""
    goals = []

    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        goals.extend([topic] if topic == "/goal" else [])
        return [] if topic == "/goal" and len(goals) == 2 else None

    return rewritten(log_file, to, change)


def test_a_goal_that_is_lost_is_named_and_nothing_is_compared_with_another(log_file: Path, tmp_path: Path) -> None:
    outcome = replayed(second_goal(log_file, tmp_path / "a.mcap"))
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "observation")
    assert outcome.values["causes"][0]["words"] == "tick 6: its goal 1 is not in the log"
    assert outcome.values["equal_ticks"] == 6 and outcome.values["first_difference"] is None


@pytest.mark.parametrize(
    ("topic", "message"),
    [("/look", "no message on its channel /look"), ("/goal", "channel /goal"), ("/tick", "no ticks")],
)
def test_a_missing_channel_is_named(log_file: Path, tmp_path: Path, topic: str, message: str) -> None:
    path = rewritten(log_file, tmp_path / "a.mcap", lambda at, values: [] if at == topic else None)
    with pytest.raises(LogError, match=message):
        replayed(path)


def test_a_tick_that_comes_twice_is_refused(log_file: Path, tmp_path: Path) -> None:
    twice = edit_tick(3, lambda values: None)

    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        return None if twice(topic, values) is None else [values, values]

    with pytest.raises(LogError, match="tick 3 of goal 0 is in the log twice"):
        replayed(rewritten(log_file, tmp_path / "a.mcap", change))


def test_stamps_that_do_not_rise_are_refused(log_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["stamp"]["clock_s"] -= 0.3

    with pytest.raises(LogError, match=r"tick 4 of goal 0 has the timestamp .* timestamps must increase"):
        replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(4, edit)))


def test_decisions_of_no_model_are_refused(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        if topic != "/session":
            return None
        values["policy"]["kind"] = "oracle"
        return [values]

    with pytest.raises(LogError, match="made by 'oracle', not by a model"):
        replayed(rewritten(log_file, tmp_path / "a.mcap", change))


def test_weights_that_are_none_are_refused(log_file: Path, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        replayed(log_file, Changes(checkpoint=tmp_path / "a.safetensors"))


def test_a_decision_that_was_late_is_held_again(log_file: Path) -> None:
    log = load_log(log_file)
    made = rebuild(log.header, log.attachments(), Changes())
    controller = Controller(made.agent, made.kinematics)
    entries = list(log.entries())
    for entry in entries:
        if isinstance(entry, LogLook):
            controller.look(entry)
        elif isinstance(entry, LogGoal):
            controller.take_up(entry)
        elif isinstance(entry, LogTick):
            replayed = controller.decide(replace(entry, held="late"))
            assert (replayed.held, replayed.target.gripper) == ("late", entry.observation.sent.gripper)
            assert np.array_equal(replayed.target.q_rad, entry.observation.sent.q_rad)
            break


def test_another_version_is_the_cause_where_something_differs(
    log_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["decision"]["steps_to_goal"] += 1.0

    monkeypatch.setattr("robot_wm.replay.runs.versions", lambda: {"torch": "9.9"})
    assert replayed(log_file).exit_status == 0  # what computes alike may be of another version
    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(0, edit)))
    assert outcome.values["cause"] == "version"
    assert outcome.values["causes"][0]["words"].endswith("here 9.9")
