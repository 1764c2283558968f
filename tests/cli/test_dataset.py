"""The verb `dataset`: each of its words does its job, and bad input is one line and exit status 2."""

import json
from pathlib import Path

import pytest

from robot_wm.cli.dataset import run
from robot_wm.cli.main import main
from tests.data import synthetic
from tests.exchange import foreign

VIDEO_ONLY = """
pictures:
  overview: {source: observation.images.front, px: 24}
  wrist: {source: null, px: 16}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(VIDEO_ONLY)
    return path


def test_import_then_info_verify_and_stats(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = foreign.version_3(tmp_path / "foreign"), str(tmp_path / "out")
    assert run(["import", str(folder), "--out", out, "--config", str(config)]) == 0
    words = capsys.readouterr().out
    assert "2 episodes, 25 frames, from 2 recordings" in words and "pictures overview: 75 samples, 50 dropped" in words
    assert run(["info", out, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["episodes"], told["frames"]) == (2, 25)
    assert told["origin"]["recordings"][0]["stamps"].startswith("nominal")
    assert run(["verify", out]) == 0
    assert ": sound; 2 episodes, 25 frames" in capsys.readouterr().out
    assert run(["stats", out]) == 0
    assert capsys.readouterr().out == "the statistics match the data\n"


def test_verify_of_what_is_damaged_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    synthetic.dataset(tmp_path / "set", range(2))
    next((tmp_path / "set").glob("videos/*overview/*/*")).unlink()
    assert run(["verify", str(tmp_path / "set"), "--json"]) == 2
    assert not json.loads(capsys.readouterr().out)["sound"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["import", "FOREIGN", "--out", "OUT"], "--config is missing"),
        (["import", "FOREIGN", "--out", "OUT", "--config", "nobody"], "unknown configuration in datasets/ 'nobody'"),
        (["import", "FOREIGN", "--out", "FOREIGN", "--config", "CONFIG"], "already exists"),
        (["import", "NOTHING", "--out", "OUT", "--config", "CONFIG"], "does not exist"),
        (["export", "CONFIG", "--out", "OUT"], "mapping.yaml"),
        (["info", "NOTHING"], "no dataset at"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    folder = foreign.version_3(tmp_path / "foreign", (6,))
    places = {"FOREIGN": folder, "OUT": tmp_path / "out", "NOTHING": tmp_path / "nothing", "CONFIG": config}
    before = sorted(tmp_path.rglob("*"))
    assert main(["dataset", *(str(places.get(word, word)) for word in words)]) == 2
    assert told in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_joined_they_follow_each_other(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, once = foreign.version_3(tmp_path / "foreign"), str(tmp_path / "once")
    assert run(["import", str(folder), "--out", once, "--config", str(config)]) == 0
    assert run(["join", once, once, "--out", str(tmp_path / "twice")]) == 0
    capsys.readouterr()
    frames = []
    for each in (once, str(tmp_path / "twice")):
        assert run(["info", each, "--json"]) == 0
        frames.append(json.loads(capsys.readouterr().out)["frames"])
    assert frames[1] == 2 * frames[0]
