"""Laws of what-if and of imagination: the same controller changes nothing, what jumps is the surprise."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from robot_wm.config import save_config
from robot_wm.errors import LogError, RefusedError
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import LogTick
from robot_wm.log.read import load_log
from robot_wm.records import Instruction, Refusal, Understanding
from robot_wm.replay.comparisons import show_imagined, show_what_if
from robot_wm.replay.imagine import surprises
from robot_wm.replay.rebuild import Changes, rebuild
from robot_wm.replay.what_if import compare
from robot_wm.types import Observation
from robot_wm.world_model import Rollout, State
from robot_wm.world_model.wam import checkpoint, latent
from tests.replay.editing import rewritten
from tests.replay.recordings import CONFIG, save_tiny
from tests.world_model.toy import TINY


def test_the_same_controller_would_have_done_the_same(log_file: Path) -> None:
    log = load_log(log_file)
    made = rebuild(log.header, log.attachments(), Changes())
    rows = compare(log.entries(), made.agent, len(CONFIG.samples))
    assert len(rows) == 12 and max(row.apart_mm for row in rows) == 0.0


def test_another_checkpoint_is_shown_side_by_side(log_file: Path, tmp_path: Path) -> None:
    other = save_tiny(tmp_path / "other.safetensors", seed=5)
    outcome = show_what_if(load_log(log_file), Changes(checkpoint=other), None)
    assert outcome.exit_status == 0
    assert outcome.values["ticks"] == 12 and outcome.values["same_ticks"] < 12
    assert outcome.values["apart_mm"]["max"] > 0.0
    first = outcome.values["decisions"][0]
    assert first["logged"]["action"] != first["other"]["action"]
    assert "Side by side" in outcome.page()


def test_another_setting_is_named(log_file: Path, tmp_path: Path) -> None:
    save_config(replace(CONFIG, samples=(8, 8)), tmp_path / "plan.yaml")
    outcome = show_what_if(load_log(log_file), Changes(plan=str(tmp_path / "plan.yaml")), None)
    assert outcome.values["other"] == ["samples: logged [16, 8], now [8, 8]"]


def test_another_instruction_is_another_goal(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = load_log(log_file)
    made = rebuild(log.header, log.attachments(), Changes())
    lift = (Task("lift", "red cube"),)

    def understand(instruction: Instruction, seen: Observation) -> Understanding:
        made.agent.look(seen)
        return Understanding(lift, 0.9, "lift the red cube")

    monkeypatch.setattr(made.agent, "understand", understand)
    rows = compare(log.entries(), made.agent, len(CONFIG.samples), "lift it")
    assert {row.goal for row in rows} == {"lift the red cube"}


def test_another_instruction_may_be_refused(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = load_log(log_file)
    made = rebuild(log.header, log.attachments(), Changes())
    monkeypatch.setattr(made.agent, "understand", lambda *_: Refusal("I see no purple cube", "absent"))
    with pytest.raises(RefusedError, match="would be refused: I see no purple cube"):
        compare(log.entries(), made.agent, len(CONFIG.samples), "lift the purple cube")


def test_each_tick_but_the_first_block_of_a_goal_has_its_surprise(log_file: Path) -> None:
    outcome = show_imagined(load_log(log_file), Changes())
    assert [row["tick"] for row in outcome.values["surprise"]] == [2, 3, 4, 5, 8, 9, 10, 11]
    assert all(row["tool_mm"] >= 0.0 and row["picture"] >= 0.0 for row in outcome.values["surprise"])
    assert "Surprise" in outcome.page()


def test_a_thing_that_jumps_is_the_surprise(log_file: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the sixth look on, every position is seen three centimetres further; imagination cannot know."""
    log = load_log(log_file)
    model = checkpoint.load(weights, Kinematics(log.header.arm_spec))
    robot, objects = latent.split(torch.zeros(1, TINY.layout.z))
    objects[:, 0, latent.CODES] = latent.name_codes()[NAMES.index("red cube")]
    objects[..., 4] = -2.0  # sure of what is seen, to 1.4 cm
    looks = [0]

    def encode(observations: Sequence[Observation], names: Any = None) -> torch.Tensor:
        looks[0] += 1
        seen = objects.clone()
        seen[..., latent.POSITION] += 0.3 * (looks[0] > 4)
        return latent.join(robot, seen)

    def nothing_moves(state: State, actions: torch.Tensor) -> Rollout:
        return Rollout(state.latent[:, None], torch.zeros(1, 1))

    monkeypatch.setattr(model, "encode", encode)
    monkeypatch.setattr(model, "imagine", nothing_moves)
    first_goal = [entry for entry in log.entries() if not isinstance(entry, LogTick) or entry.goal == 0]
    rows = surprises(first_goal, model)
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert {row.thing for row in rows} == {"red cube"}
    assert [row.sigmas > 1.0 for row in rows] == [False, False, True, True]
    assert rows[2].thing_mm == pytest.approx(1e3 * latent.UNIT_M * 0.3 * 3**0.5, rel=1e-3)


def test_a_log_without_pictures_has_nothing_to_imagine(hand_file: Path, weights: Path) -> None:
    with pytest.raises(LogError, match="on which the model can look"):
        show_imagined(load_log(hand_file), Changes(checkpoint=weights))


def test_too_few_ticks_are_refused(log_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        return [] if topic == "/tick" and values["number"] > 1 else None

    with pytest.raises(LogError, match="has no 3 ticks in a row"):
        show_imagined(load_log(rewritten(log_file, tmp_path / "a.mcap", change)), Changes())
