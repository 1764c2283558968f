"""`robot-wm arm emulate` as a person runs it: a path on the first line, a link while it runs, faults in real time."""

import os
import signal
import time
from itertools import takewhile
from pathlib import Path

import pytest
import serial

from hardware.commands.emulate import main
from hardware.picture_file import PictureFileCamera
from robot_wm.errors import ConfigError, UnknownNameError
from tests.hardware.conftest import Start

PING = bytes.fromhex("ffff010201fb")
PONG = bytes.fromhex("ffff010200fc")
PATIENCE_S = 20.0


def answered(path: str) -> bool:
    """Whether servo 1 answers before long."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            with serial.Serial(path, 1_000_000, timeout=2.0) as port:
                port.write(PING)
                if port.read(len(PONG)) == PONG:
                    return True
        except OSError:  # unplugged
            time.sleep(0.05)
    return False


def keep_pinging(port: serial.Serial) -> None:
    """Until the port fails, or patience ends."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        port.write(PING)
        port.read(len(PONG))


def test_it_prints_a_path_links_it_and_cleans_up_when_told_to_end(running: Start, tmp_path: Path) -> None:
    link = tmp_path / "arm"
    with running("--physics", "ideal", "--link", str(link)) as (path, process):
        assert path == str(link) and link.is_symlink()
        assert answered(path)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    assert not link.is_symlink()


def test_another_baud_rate_is_not_heard(running: Start) -> None:
    with running("--physics", "ideal") as (path, _):
        with serial.Serial(path, 115_200, timeout=1.0) as port:
            port.write(PING)
            assert port.read(1) == b""
        assert answered(path)


def test_the_plug_is_pulled_and_put_back(running: Start, tmp_path: Path) -> None:
    link, faults = tmp_path / "arm", tmp_path / "faults.yaml"
    faults.write_text("faults: [{kind: unplug, from_s: 2.0, until_s: 3.0}]\n")
    with running("--physics", "ideal", "--link", str(link), "--faults", str(faults)) as (path, _):
        assert answered(path)
        with serial.Serial(path, 1_000_000, timeout=1.0) as port, pytest.raises(OSError):
            keep_pinging(port)
        assert answered(path)


def test_a_link_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "arm").write_text("precious")
    with pytest.raises(ConfigError, match="is a file and not a link"):
        main(["--physics", "ideal", "--link", str(tmp_path / "arm")])
    assert (tmp_path / "arm").read_text() == "precious"


def test_a_physics_that_nobody_offers_is_named() -> None:
    with pytest.raises(UnknownNameError, match="known: mujoco"):
        main(["--physics", "moon"])


def test_mujoco_shows_the_same_scene_to_cameras(running: Start) -> None:
    with running("--seed", "3") as (path, process):
        assert process.stderr is not None
        summary = takewhile(lambda line: "Ctrl-C" not in line, process.stderr)
        files = dict(_camera(line) for line in summary if "camera " in line)
        assert answered(path) and sorted(files) == ["overview", "wrist"]
        for name, file in files.items():
            assert _seen(name, file)
    assert not os.path.lexists(files["wrist"].parent)


def _camera(line: str) -> tuple[str, Path]:
    name, _, file = line.strip().removeprefix("camera ").partition(": ")
    return name, Path(file)


def _seen(name: str, file: Path) -> bool:
    """Whether a picture with something on it comes before long."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            with PictureFileCamera(name, file) as camera:
                return camera.read().rgb.std() > 5.0
        except OSError:
            time.sleep(0.1)
        except Exception as error:  # not painted yet
            if "picture" not in str(error):
                raise
            time.sleep(0.1)
    return False


def test_a_seed_is_a_natural_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--physics", "ideal", "--seed", "-1"])
    assert "allowed: 0, 1, 2, ..., received '-1'" in capsys.readouterr().err
