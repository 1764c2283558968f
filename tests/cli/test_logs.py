"""Laws of `logs` and `record`: exit statuses, JSON, and named errors for what is no log."""

import json
from pathlib import Path

import pytest
from mcap.writer import Writer

from robot_wm.cli.main import main
from robot_wm.log.read import load_log
from robot_wm.log.scan import scan
from robot_wm.video.mp4 import read_mp4
from tests.log.sessions import record


@pytest.fixture
def log(tmp_path: Path) -> Path:
    record(tmp_path / "a.mcap", ticks=6)
    return tmp_path / "a.mcap"


def test_info_says_what_is_in_it(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "info", str(log), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = {channel["topic"]: channel["messages"] for channel in found["channels"]}
    assert (counts["/tick"], counts["/session"], counts["/camera/wrist"], found["ticks"]) == (6, 2, 8, 6)
    assert found["goals"] == ["push red cube left"] and found["results"] == ["goal 0: done, simulator"]
    assert main(["logs", "info", str(log)]) == 0
    assert "/camera/overview" in capsys.readouterr().out


def test_verify_and_recover(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "verify", str(log)]) == 0
    log.write_bytes(log.read_bytes()[:-20_000])
    assert main(["logs", "verify", str(log), "--json"]) == 3
    wrong = json.loads(capsys.readouterr().out.splitlines()[-1])["wrong"]
    assert any("no ending" in line for line in wrong)
    out = tmp_path / "b.mcap"
    assert main(["logs", "recover", str(log), "--out", str(out)]) == 3
    assert scan(out).damage == ()
    assert main(["logs", "recover", str(log), "--out", str(out)]) == 2  # it is there already


def test_cut_and_merge_give_back_the_whole(log: Path, tmp_path: Path) -> None:
    one, two, both = (str(tmp_path / f"{name}.mcap") for name in ("one", "two", "both"))
    assert main(["logs", "cut", str(log), one, "--stop", "0.35"]) == 0
    assert main(["logs", "cut", str(log), two, "--start", "0.25"]) == 0
    assert main(["logs", "merge", both, one, two]) == 0
    assert {message.data for message in scan(Path(both)).messages()} == {m.data for m in scan(log).messages()}
    assert all(tick.missing == () for tick in load_log(two).ticks())
    record(tmp_path / "other.mcap", ticks=1)
    assert main(["logs", "merge", str(tmp_path / "c.mcap"), one, str(tmp_path / "other.mcap")]) == 2
    assert not (tmp_path / "c.mcap").exists()


def test_files_whose_messages_nobody_numbered_are_merged(tmp_path: Path) -> None:
    for name in ("imu", "force"):
        with (tmp_path / f"{name}.mcap").open("wb") as file:
            writer = Writer(file)
            writer.start()
            channel = writer.register_channel(f"/{name}", "json", 0)
            for k in range(3):
                writer.add_message(channel, k * 10**9, b'{"k": %d}' % k, k * 10**9)  # all with sequence 0
            writer.finish()
    both = str(tmp_path / "both.mcap")
    assert main(["logs", "merge", both, str(tmp_path / "imu.mcap"), str(tmp_path / "force.mcap")]) == 0
    assert len(list(scan(Path(both)).messages())) == 6


def test_plot_and_video(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "plot", str(log), str(tmp_path / "a.html")]) == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    for words in ("shoulder_pan", "active limits", "latency", "plan cost", "all is well", "push red cube left"):
        assert words in page
    assert main(["logs", "video", str(log), str(tmp_path / "a.mp4")]) == 0
    assert len(list(read_mp4(tmp_path / "a.mp4"))) == 6
    assert main(["logs", "plot", str(log), str(tmp_path / "a.png")]) == 2
    assert "must end in .html" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["info", "verify", "recover"])
def test_what_is_no_log_exits_2(tmp_path: Path, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mcap").write_text("this is no log")
    assert main(["logs", word, str(tmp_path / "a.mcap")]) == 2
    assert "is no MCAP file" in capsys.readouterr().err
    assert main(["logs", "dig", "a.mcap"]) == 2


def test_a_script_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, log = tmp_path / "s.jsonl", tmp_path / "r.mcap"
    script.write_text("[0.0, 0.01, 0.0, 0.0, 0.5]\n" * 4)
    assert main(["record", str(log), "--arm", "fake", "--by", str(script), "--say", "go left"]) == 0
    back = load_log(log)
    assert [each.decision.action.tolist() for each in back.ticks()] == [[0.0, 0.01, 0.0, 0.0, 0.5]] * 4
    assert (back.header.command, back.header.policy.kind) == ("record", "script")
    assert next(iter(back.instructions())).text == "go left"
    script.write_text("[0.0, 0.01]\n")
    assert main(["record", str(tmp_path / "b.mcap"), "--arm", "fake", "--by", str(script)]) == 2
    assert "five numbers" in capsys.readouterr().err
