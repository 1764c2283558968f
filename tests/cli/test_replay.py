"""Laws of the verb `replay`: exit statuses, the JSON object, the page; nothing is written where it cannot be used."""

import json
from pathlib import Path

import pytest

from robot_wm.cli.main import main
from tests.replay.recordings import record_by_hand


@pytest.fixture(scope="module")
def hand_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_by_hand(tmp_path_factory.mktemp("hand") / "hand.mcap")


def test_a_verdict_that_holds_exits_0(hand_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    status = main(["replay", str(hand_file), "--mode", "arm", "--speed", "2", "--json", "--report", str(page)])
    out = capsys.readouterr().out.splitlines()
    said = json.loads(out[-1])
    assert (status, len(out), said["mode"], said["verdict"]) == (0, 1, "arm", "holds")
    assert (said["ticks"], said["equal_ticks"], said["first_difference"]) == (12, 12, None)
    assert said["tracking_max_rad"] <= said["bound_rad"]
    assert page.read_text().startswith("<!doctype html>") and "holds" in page.read_text()


def test_a_verdict_that_does_not_hold_exits_3(hand_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(hand_file), "--mode", "arm", "--arm", "mujoco", "--bound-rad", "1e-3"]) == 3
    assert "more than the bound" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--what-if",), "needs something to be other"),
        (("--what-if", "--imagine"), "two questions"),
        (("--imagine", "--mode", "arm"), "move nothing"),
        (("--instruction", "go home"), "add --what-if"),
        (("--arm", "fake"), "add --mode arm"),
        (("--mode", "arm", "--plan", "default"), "leave --checkpoint and --plan out"),
        (("--speed", "0.5"), "add --mode arm"),
        (("--report", "a.mcap"), "name it .html"),
        (("--report", "/nowhere/a.html"), "does not exist; create it first"),
        (("--mode", "arm", "--speed", "0"), "--speed must be within"),
        (("--mode", "arm", "--arm", "mujocco"), "unknown arm 'mujocco'"),
        (("--mode", "closed-loop"), "in a real world"),
        ((), "made by 'script', not by a model"),
    ],
)
def test_bad_usage_exits_2(
    hand_file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert main(["replay", str(hand_file), *words]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_log_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mcap").write_bytes(b"\x00" * 4096)
    page = tmp_path / "report.html"
    for name in ("a.mcap", "none.mcap"):
        assert main(["replay", str(tmp_path / name), "--report", str(page)]) == 2
        assert name in capsys.readouterr().err
    assert not page.exists()
