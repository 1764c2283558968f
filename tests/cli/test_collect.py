"""`robot-wm collect` makes a dataset, goes on with a stopped one, and says what is wrong."""

from pathlib import Path

import pytest

from robot_wm.cli.collect import run
from robot_wm.cli.main import main
from robot_wm.data.episodes import open_dataset

SHORT = "play: {goals_min: 1, goals_max: 1, ticks_max: 6}\n"


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT)
    return str(path)


def test_it_makes_a_dataset_and_does_it_once(tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "set"
    words = ["--out", str(out), "--config", config, "--episodes", "2", "--workers", "1"]
    assert run(words) == 0
    assert open_dataset(out).n_episodes == 2
    assert "2 episodes, 2 of them collected now" in capsys.readouterr().err
    assert run(words) == 0
    assert "2 episodes, 0 of them collected now" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--config", "nowhere"], "unknown configuration in collect/ 'nowhere'"),
        (["--collector", "nobody"], "unknown robot_wm.collector"),
        (["--episodes", "0"], "at least 1 episode"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "--out", str(tmp_path / "set"), *words]) == 2
    assert said.removeprefix("unknown robot_wm.") in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_key_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("capations: 3\n")
    assert main(["collect", "--out", str(tmp_path / "set"), "--config", str(path)]) == 2
    assert "captions" in capsys.readouterr().err
