"""The words of `robot-wm arm` on an emulated bus in simulated time: what they find, say, write and exit with."""

import json
import shlex
import socket
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import pytest

from hardware.arm.calibration import RAD_PER_TICK, centred, load_calibration, save_calibration
from hardware.bus.base import ServoBus
from hardware.buses import bus_on
from hardware.commands import calibrate, check, find, park, release
from hardware.commands.main import COMMANDS, run
from hardware.supervisor.wire import Channel
from robot_wm.cli.main import main, verbs
from robot_wm.errors import ConfigError, DeviceError, UnknownNameError
from tests.docs.test_docs import commands
from tests.hardware.rigs import EmulatedRig, emulated_rig

PORT = "/dev/tty-emulated"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmulatedRig:
    """A calibrated arm at rest, behind every word's `open_bus`."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    made = emulated_rig()

    def opened(port: str, protocol: str, baud: int, timing: Any = None) -> Any:
        return bus_on(made.lockstep.open_port(baud), protocol)

    for module in ("find", "common", "park", "release"):
        monkeypatch.setattr(f"hardware.commands.{module}.open_bus", opened)
    save_calibration(centred("so101", made.config.all_joints), tmp_path / "robot-wm" / "so101.yaml")
    return made


def test_find_lists_port_protocol_baud_and_servos(made: EmulatedRig, capsys: pytest.CaptureFixture[str]) -> None:
    assert find.main(["--port", PORT, "--ids", "1-8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [servo["id"] for servo in found["servos"]] == [1, 2, 3, 4, 5, 6]
    assert {(servo["protocol"], servo["baud"], servo["model"]) for servo in found["servos"]} == {
        ("feetech", 1_000_000, "STS3215")
    }
    with pytest.raises(DeviceError, match="no servo answered"):
        find.main(["--port", PORT, "--ids", "9"])
    with pytest.raises(ConfigError, match="between 0 and 252"):
        find.main(["--ids", "1-300"])
    assert not any(made.torque_on)


def test_check_of_a_well_arm_moves_nothing(made: EmulatedRig, capsys: pytest.CaptureFixture[str]) -> None:
    start = made.joints.angles()
    assert check.main(["--port", PORT, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["wrong"] == [] and len(report["servos"]) == 6 and report["loop"]["rate_hz"] > 0
    np.testing.assert_array_equal(made.joints.angles(), start)
    assert not any(made.torque_on)


def test_check_names_what_is_wrong(made: EmulatedRig) -> None:
    bus_on(made.lockstep.open_port(), "feetech").write(4, "homing_offset", 85)
    with pytest.raises(DeviceError, match=r"servo 4 \(wrist_flex\) has the position offset 85"):
        check.main(["--port", PORT])


def test_release_switches_everything_off_and_park_too(made: EmulatedRig, capsys: pytest.CaptureFixture[str]) -> None:
    made.arm.connect()
    assert all(made.torque_on)
    assert release.main(["--port", PORT]) == 0
    assert not any(made.torque_on)
    assert park.main(["--port", PORT]) == 0
    assert not any(made.torque_on)
    assert "parked and released" in capsys.readouterr().out


@pytest.mark.parametrize("word", [release, park])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"ok": False, "error": "no"}, "the supervisor refuses to .*: no; if the arm is energised, cut its power"),
        ({"ok": True, "state": "released", "unreleased": ["servo 2"]}, "may still be energised, .*: servo 2"),
        (None, "the supervisor does not answer; if the arm is energised, cut its power"),
    ],
)
def test_what_a_supervisor_does_not_do_is_said(
    made: EmulatedRig, monkeypatch: pytest.MonkeyPatch, word: Any, answer: Any, words: str
) -> None:
    ours, theirs = socket.socketpair()
    with closing(Channel(theirs)) as supervisor:
        monkeypatch.setattr(f"{word.__name__}.connect_to_supervisor", lambda port: Channel(ours, timeout_s=0.01))
        if answer is not None:
            supervisor.send(answer)
        with pytest.raises(DeviceError, match=words):
            word.main(["--port", PORT])


class Person:
    """Answers what calibration asks, and moves the joints meanwhile."""

    def __init__(
        self, made: EmulatedRig, live: "Live", ends_rad: dict[str, tuple[float, float]], leaves_after: int = 99
    ) -> None:
        self._made, self._live, self._ends, self._leaves_after = made, live, ends_rad, leaves_after
        self._names = [joint.name for joint in made.config.all_joints]
        self.asked: list[str] = []

    def __call__(self, words: str) -> str:
        self.asked.append(words)
        if len(self.asked) > self._leaves_after:
            raise KeyboardInterrupt
        for index, name in enumerate(self._names):
            if f"({name})" in words:
                low, high = self._ends[name]
                middle = (low + high) / 2.0
                if "end to end" in words:  # while that is asked, the joint's position is polled
                    for angle in (low, high, middle):
                        self._move(index, angle)
                else:
                    pose = self._made.joints.angles()
                    pose[index] = middle
                    self._made.joints.place(pose)
        return ""

    def _move(self, index: int, angle_rad: float) -> None:
        """Move a joint in steps small enough that a poll cannot miss a turn."""
        start = self._made.joints.angles()
        for share in np.linspace(0.2, 1.0, 5):
            pose = start.copy()
            pose[index] += share * (angle_rad - start[index])
            self._made.joints.place(pose)
            self._live.wait_for_looks(3)


def test_a_calibration_that_was_left_is_taken_up_again_and_is_what_the_model_says(
    made: EmulatedRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "_EEPROM_S", 0.0)
    monkeypatch.setattr(calibrate, "_POLL_S", 0.0)
    ends = {joint.name: (joint.q_min_rad + 0.3, joint.q_max_rad + 0.3) for joint in made.config.all_joints}
    path = tmp_path / "new.yaml"
    bus = bus_on(made.lockstep.open_port(), "feetech")
    live = Live(bus, made)
    first = Person(made, live, ends, leaves_after=4)  # one joint and a half
    with pytest.raises(KeyboardInterrupt):
        calibrate.calibrate(cast(ServoBus, live), made.config, path, first)
    assert not path.exists() and calibrate.partial_path(path).exists()
    second = Person(made, live, ends)
    calibrate.calibrate(cast(ServoBus, live), made.config, path, second)
    assert not any("shoulder_pan" in words for words in second.asked)
    assert not calibrate.partial_path(path).exists()
    loaded = load_calibration(path, made.config.all_joints, "so101")
    for joint, model in zip(loaded.joints, made.config.all_joints, strict=True):
        assert joint.range_rad == pytest.approx((model.q_min_rad, model.q_max_rad), abs=0.1)
        assert bus.read(joint.servo, "homing_offset") == joint.homing_offset_ticks != 0
        assert bus.read(joint.servo, "max_position") == joint.max_ticks
        assert bus.read(joint.servo, "lock") == 1
    assert RAD_PER_TICK * abs(loaded.joints[0].zero_ticks - 2048) < 0.1


class Live:
    """A bus on which time passes with every request, so that moved joints are seen."""

    def __init__(self, bus: Any, made: EmulatedRig) -> None:
        self._bus, self._made = bus, made
        self._looks = 0
        self._news = threading.Condition()

    def wait_for_looks(self, count: int) -> None:
        """Until the bus was used so often again, or nobody looks any more."""
        with self._news:
            enough = self._looks + count
            self._news.wait_for(lambda: self._looks >= enough, timeout=0.5)

    def __getattr__(self, name: str) -> Any:
        with self._news:
            self._looks += 1
            self._news.notify_all()
        self._made.lockstep.wait_until(self._made.lockstep.now_s() + 0.1)
        return getattr(self._bus, name)


def test_calibration_asks_only_in_a_terminal(made: EmulatedRig) -> None:
    with pytest.raises(ConfigError, match="run it in a terminal"):
        calibrate.main(["--port", PORT])


def test_without_a_port_every_word_says_so_and_exits_as_a_device_fault(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("check", "park", "release"):
        assert main(["arm", word]) == 5
        assert "no port given" in capsys.readouterr().err
    assert main(["arm", "release", "--port", "/dev/tty-none"]) == 5
    assert "cannot open port" in capsys.readouterr().err


def test_the_verb_is_found_by_entry_point_and_names_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs()["arm"].module == "hardware.commands.main"
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {word} " in text for word in COMMANDS)
    with pytest.raises(UnknownNameError, match="Did you mean 'release'"):
        run(["relase"])


class Parsed(Exception):
    """Raised in place of doing anything."""


@pytest.mark.parametrize("command", [row for _, row in commands() if row.startswith("robot-wm arm ")])
def test_every_arm_command_in_the_docs_parses(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    import tyro

    real = tyro.cli

    def parse_only(*args: Any, **kwargs: Any) -> NoReturn:
        real(*args, **kwargs)
        raise Parsed

    words = shlex.split(command, comments=True)[2:]
    assert words[0] in COMMANDS
    if words[0] != "emulate" and "--help" not in words:
        monkeypatch.setattr(tyro, "cli", parse_only)
        with pytest.raises(Parsed):
            run(words)
