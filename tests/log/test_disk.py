"""Laws of recording onto a disk that is full, read-only or gone: the loop goes on, or the arm is parked, as asked."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np
import pytest
from mcap.reader import make_reader

from robot_wm.action_space import CartesianActions
from robot_wm.agents.teleop import Script, UntilOver
from robot_wm.camera import Camera
from robot_wm.control.loop import run_goal
from robot_wm.control.parking import PARKED_WITHIN_RAD, ArmGuard
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.fake import FakeArm, FakeClock, fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.log.read import load_log
from robot_wm.log.record import Recorder
from robot_wm.records import GoalResult, Tick
from robot_wm.station.plain import PlainStation
from robot_wm.types import CameraSpec, Frame
from tests.log.sessions import header
from tests.log.test_recorder import wait_for

SMALL = 400 << 10  # bytes that fit: some ten ticks
TICKS, KNOWN_AT = 40, 25  # ticks in all; in this one it is waited for that the trouble is known


@final
class Snow(Camera):
    """A camera whose pictures cannot be packed."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    @property
    def spec(self) -> CameraSpec:
        return CameraSpec("overview", 96, 96, 10.0)

    def connect(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """It is always there."""

    def read(self) -> Frame:
        return Frame(self._rng.integers(0, 256, (96, 96, 3), dtype=np.uint8), self._rng.random())


SNOW = Snow()


@dataclass
class Run:
    """A loop that is recorded, and what became of both."""

    path: Path
    must: bool = False
    told: list[str] = field(default_factory=list)
    result: GoalResult | None = None
    q_end_rad: np.ndarray | None = None
    dropped: int = 0

    def go(self) -> "Run":
        """Drive a fake arm to and fro before a camera that sees snow."""
        clock = FakeClock()
        cameras = {SNOW.spec.name: SNOW}
        script = Script([np.array([0.0, 0.01 * (-1) ** (k // 10), 0.0, 0.0, 0.5]) for k in range(TICKS)])
        station = PlainStation(FakeArm(clock.now_s), cameras, clock)
        recorder = Recorder(self.path, header(0.0, (SNOW.spec,)), clock.now_s, tell=self.told.append, must=self.must)

        def on_tick(tick: Tick) -> None:
            recorder.tick(tick)
            if tick.number == KNOWN_AT:
                wait_for(lambda: recorder.fault)

        actions = CartesianActions(Kinematics(fake_spec()))
        with station:
            try:
                with recorder, ArmGuard(station.arm, clock) as arm:
                    over = UntilOver(script)
                    self.result = run_goal(arm, cameras, clock, script, actions, over, 2 * TICKS, on_tick)
            finally:
                self.q_end_rad, self.dropped = station.arm.read().q_rad, recorder.dropped
        return self


@pytest.fixture(params=["a limit on file sizes is reached", "the disk is full"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A log that can not grow beyond SMALL, and what is said of that."""
    with small_files() if "limit" in request.param else mounted(tmp_path, f"size={SMALL}"):
        yield tmp_path / "a.mcap", request.param


def test_a_full_disk_costs_the_loop_nothing(full: tuple[Path, str]) -> None:
    path, words = full
    run = Run(path).go()
    assert run.result is not None and (run.result.ticks, run.result.held) == (TICKS, {})
    assert sum("ended early" in each for each in run.told) == 1 and words in run.told[0]
    assert run.dropped == TICKS - KNOWN_AT - 1 and "entries are missing in the log" in run.told[1]
    require_readable(path)


def test_a_full_disk_parks_the_arm_where_the_log_is_a_must(full: tuple[Path, str]) -> None:
    path, words = full
    run = Run(path, must=True)
    with pytest.raises(DeviceError, match=f"{words}.*the session requires one"):
        run.go()
    assert run.q_end_rad is not None
    assert np.abs(run.q_end_rad - fake_spec().q_rest_rad).max() < PARKED_WITHIN_RAD
    assert sum("ended early" in each for each in run.told) == 1
    require_readable(path)


def test_a_disk_that_is_gone_costs_the_loop_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robot_wm.log.record.require_free", lambda path: None)  # it was there when that was asked
    run = Run(tmp_path / "gone" / "a.mcap").go()
    assert run.result is not None and (run.result.ticks, run.result.held) == (TICKS, {})
    assert sum("ended early: No such file or directory" in each for each in run.told) == 1


def test_a_read_only_folder_is_said_before_anything_starts(tmp_path: Path) -> None:
    with read_only(tmp_path), pytest.raises(ConfigError, match="no permission to write"):
        Recorder(tmp_path / "a.mcap", header(), lambda: 0.0)


def require_readable(path: Path) -> None:
    """A whole file of the first ticks, for both readers."""
    log = load_log(path)
    assert log.closed and not log.damage and path.stat().st_size <= SMALL
    numbers = [tick.number for tick in log.ticks()]
    assert numbers == list(range(len(numbers))) and len(numbers) > 3
    with path.open("rb") as file:
        assert len(list(make_reader(file, validate_crcs=True).iter_messages(topics=["/tick"]))) == len(numbers)


@contextmanager
def small_files() -> Iterator[None]:
    """No file that is written by this process, or one that it starts, grows beyond SMALL."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A disk of its own in `folder`."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here: that takes root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write into `folder`, root neither."""
    if os.geteuid() == 0:
        with mounted(folder, "ro"):
            yield
        return
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)
