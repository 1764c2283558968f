"""Laws of closed-loop replay: the same table, the same loop, the same states to the last bit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from robot_wm.errors import LogError
from robot_wm.log.read import load_log
from robot_wm.replay.rebuild import Changes
from robot_wm.replay.report import Outcome
from robot_wm.replay.runs import replay_closed_loop
from sim.station import mujoco_station
from tests.replay.editing import edit_tick, flip_one_bit, rewritten


def replayed(path: Path, changes: Changes | None = None) -> Outcome:
    return replay_closed_loop(load_log(path), changes or Changes(), mujoco_station("tabletop"))


def test_the_simulation_runs_again_to_the_last_bit(log_file: Path) -> None:
    outcome = replayed(log_file)
    assert outcome.exit_status == 0, outcome.words
    assert (outcome.values["equal_ticks"], outcome.values["drift_max_rad"]) == (12, 0.0)
    assert "the log's agent decided again" in outcome.values["notes"]


def test_logged_actions_drive_where_no_model_decided(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        if topic != "/session":
            return None
        values["policy"]["kind"] = "keyboard"
        return [values]

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", change))
    assert outcome.exit_status == 0, outcome.words
    assert "the logged actions were replayed" in outcome.values["notes"]


def test_another_model_drifts_and_is_named(log_file: Path, weights: Path, tmp_path: Path) -> None:
    outcome = replayed(log_file, Changes(checkpoint=flip_one_bit(weights, tmp_path / "flipped.safetensors")))
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "model hash")
    assert 0.0 <= outcome.values["drift_max_rad"] < 1.0


def test_another_table_is_named_and_the_logged_state_goes_on(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        if topic != "/session":
            return None
        values["scene"]["seed"] += 1
        return [values]

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", change))
    assert outcome.exit_status == 3
    assert outcome.values["first_difference"]["what"].startswith("state")
    assert "the loop went on from the logged state" in " ".join(outcome.values["notes"])


def test_an_edited_state_is_found_at_its_tick(log_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["state"]["dq_rad_s"][1] += 1e-9

    outcome = replayed(rewritten(log_file, tmp_path / "a.mcap", edit_tick(4, edit)))
    first = outcome.values["first_difference"]
    assert (first["tick"], first["what"], outcome.values["equal_ticks"]) == (4, "joint speeds[1]", 11)


def test_ticks_that_are_lost_at_the_end_of_a_goal_are_noticed(log_file: Path, tmp_path: Path) -> None:
    last = edit_tick(5, lambda values: None)  # of the first of two goals
    path = rewritten(log_file, tmp_path / "a.mcap", lambda topic, values: None if last(topic, values) is None else [])
    words = [cause["words"] for cause in replayed(path).values["causes"]]
    assert "1 ticks at the end of a goal, or all of one, are not in the log" in words


def test_ticks_that_are_lost_cannot_be_run_again(log_file: Path, tmp_path: Path) -> None:
    lost = edit_tick(2, lambda values: None)
    path = rewritten(log_file, tmp_path / "a.mcap", lambda topic, values: None if lost(topic, values) is None else [])
    with pytest.raises(LogError, match="ticks before tick 3 of goal 0 are not in the log"):
        replayed(path)


def test_a_real_world_cannot_be_reset(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        return [values | {"scene": None}] if topic == "/session" else None

    with pytest.raises(LogError, match="in a real world, which cannot be reset"):
        replayed(rewritten(log_file, tmp_path / "a.mcap", change))
