"""`eval` from end to end with the oracle on the simulated arm, and its mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest

from robot_wm.cli.main import main
from robot_wm.evaluate.run import Outcome, run_episode


def test_the_oracle_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"instruction": "lift it", "goal": {"skill": "lift", "object": "red cube"}, "scene": ["red cube", "blue pad"]},
        {"instruction": "shove it", "goal": {"skill": "push_to", "object": "red cube", "target": "blue pad"}},
        {"instruction": "make coffee", "goal": {"skill": "none"}},
    ]
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ["eval", "--policy", "oracle", "--episodes", "6", "--instructions", str(tmp_path / "lines.jsonl")]
    assert main([*words, "--json", str(tmp_path / "out.json")]) == 0
    figures = json.loads((tmp_path / "out.json").read_text())
    assert (figures["episodes"], figures["refusals"]) == (6, {"asked": 2, "refused": 2})
    assert figures["success"] >= 5
    shown = capsys.readouterr().out
    assert "push_to" in shown
    assert "Wilson" in shown


def test_the_floor_that_holds_does_nothing(tmp_path: Path) -> None:
    assert main(["eval", "--policy", "hold", "--episodes", "3", "--json", str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_text())["success"] == 0


def test_what_was_played_before_an_interruption_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played = []

    def third(*arguments: Any) -> Outcome:
        if len(played) == 2:
            raise KeyboardInterrupt
        played.append(run_episode(*arguments))
        return played[-1]

    monkeypatch.setattr("robot_wm.evaluate.workers.run_episode", third)
    out = tmp_path / "out.json"
    assert main(["eval", "--policy", "hold", "--episodes", "4", "--json", str(out)]) == 130
    assert not out.exists()
    assert len(json.loads((tmp_path / "out.json.partial").read_text())["episodes_detail"]) == 2
    assert "2 finished episodes are in" in capsys.readouterr().err


def test_logs_of_two_measurements_are_kept_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["eval", "--policy", "hold", "--episodes", "1", "--log", str(tmp_path / "logs")]
    assert main(words) == 0
    assert main(words) == 2
    assert "already contains logs of an evaluation (episode-000000.mcap)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--suite", "tabletoop"), "unknown suite 'tabletoop'"),
        (("--policy", "orakel"), "unknown policy 'orakel'"),
        (("--arm", "nao"), "unknown arm 'nao'"),
        (("--arm", "fake", "--policy", "hold"), "needs a simulated arm, received 'fake'"),
        (("--episodes", "0"), "at least 1, received 0"),
        (("--seed", "-1"), "--seed must be 0 or more, received -1"),
        (("--instructions", "none.jsonl"), "cannot read the instructions file none.jsonl"),
        (("--json", "/nowhere/out.json"), "does not exist; create it first"),
        (("--policy", "planner", "--checkpoint", "none.safetensors"), "none.safetensors"),
    ],
)
def test_mistakes_exit_2(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--policy", "hold", *words]) == 2
    assert message in capsys.readouterr().err
