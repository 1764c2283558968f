"""Laws of the recorder: it never waits, never fails silently, and leaves a readable file whatever dies."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.logs import BOUND_MS, Loss, kill_once
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.log.digest import observation_digest
from robot_wm.log.outbox import QUEUE_ENTRIES
from robot_wm.log.paths import PARTIAL, partial_of
from robot_wm.log.read import load_log
from robot_wm.log.record import Recorder
from robot_wm.log.recover import recover
from tests.log.sessions import header, record, tick

ROOT = Path(__file__).parents[2]


def test_kills_leave_a_log_that_comes_back(tmp_path: Path) -> None:
    for after_s in (0.1, 0.37, 0.8):
        loss = kill_once(after_s, tmp_path)
        assert loss.whole and loss.recovered_ticks > 0


@pytest.mark.slow
def test_fifty_kills_cost_a_tenth_of_a_second_each_at_most(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    losses: list[Loss] = [kill_once(float(rng.uniform(0.1, 2.0)), tmp_path) for _ in range(50)]
    assert all(loss.whole for loss in losses)
    assert max(loss.lost_ms for loss in losses) <= BOUND_MS


def test_a_stopped_writer_never_stops_the_loop(tmp_path: Path) -> None:
    told: list[str] = []
    rng = np.random.default_rng(0)
    turn = tick(rng, 0, 0.1)
    with Recorder(tmp_path / "a.mcap", header(), lambda: 0.0, tell=told.append) as recorder:
        recorder.tick(turn)
        os.kill(recorder.pid, signal.SIGSTOP)
        for _ in range(2 * QUEUE_ENTRIES):
            recorder.tick(turn)  # this test would never end if one of these waited
        os.kill(recorder.pid, signal.SIGCONT)
        done = recorder.close()
    assert done.dropped > 0 and not done.fault
    assert len(told) == 2 and "cannot keep up" in told[0] and f"{done.dropped} entries" in told[1]
    log = load_log(done.path)
    assert len(list(log.ticks())) == 1 + 2 * QUEUE_ENTRIES - done.dropped
    said = [note.words for note in log.notes() if "entries were dropped" in note.words]
    assert sum(int(words.split()[0]) for words in said) == done.dropped


def test_what_is_dropped_takes_no_picture_from_what_follows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    turns = [tick(rng, number, 0.1 * number, plans=False) for number in range(2 * QUEUE_ENTRIES)]
    with Recorder(tmp_path / "a.mcap", header(), lambda: 0.0, tell=lambda words: None) as recorder:
        recorder.tick(turns[0])
        os.kill(recorder.pid, signal.SIGSTOP)
        for one, other in zip(turns[::2], turns[1::2], strict=True):  # each picture is seen twice
            recorder.tick(one)
            recorder.tick(replace(other, observation=replace(other.observation, frames=one.observation.frames)))
        os.kill(recorder.pid, signal.SIGCONT)
        done = recorder.close()
    assert done.dropped > 0
    for back in load_log(done.path).ticks():
        frames = turns[back.number // 2 * 2].observation.frames
        assert not back.missing and back.digest == observation_digest(back.observation)
        assert all(np.array_equal(frame.rgb, frames[name].rgb) for name, frame in back.observation.frames.items())


def test_a_killed_writer_is_said_once_and_costs_what_was_not_flushed(tmp_path: Path) -> None:
    told: list[str] = []
    rng = np.random.default_rng(0)
    path = tmp_path / "a.mcap"
    with Recorder(path, header(), lambda: 0.0, tell=told.append) as recorder:
        for number in range(20):
            recorder.tick(tick(rng, number, 0.1 * number))
        partial = path.with_name(path.name + PARTIAL)
        wait_for(lambda: partial.exists() and partial.stat().st_size > 60_000)
        os.kill(recorder.pid, signal.SIGKILL)
        wait_for(lambda: bool(recorder.fault))
        recorder.tick(tick(rng, 20, 2.0))
        done = recorder.close()
    assert "the process that writes it" in done.fault and done.dropped >= 1
    assert sum("ended early" in words for words in told) == 1
    assert recover(partial, path).messages > 0


def test_where_the_log_is_a_must_the_arm_stops(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "a.mcap"

    def session() -> None:
        with Recorder(path, header(), lambda: 0.0, tell=lambda words: None, must=True) as recorder:
            os.kill(recorder.pid, signal.SIGKILL)
            wait_for(lambda: bool(recorder.fault))
            with pytest.raises(DeviceError, match="the session requires one"):
                recorder.tick(tick(rng, 0, 0.1))

    with pytest.raises(DeviceError, match="is incomplete"):
        session()


def test_a_writer_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robot_wm.log.outbox.CLOSE_TIMEOUT_S", 0.2)
    monkeypatch.setattr("robot_wm.log.link.CLOSE_TIMEOUT_S", 0.2)
    told: list[str] = []
    path, turn = tmp_path / "a.mcap", tick(np.random.default_rng(0), 0, 0.1)

    def session() -> None:
        with Recorder(path, header(), lambda: 0.0, tell=told.append, must=True) as recorder:
            recorder.tick(turn)
            wait_for(partial_of(path).exists)
            os.kill(recorder.pid, signal.SIGSTOP)
            for _ in range(QUEUE_ENTRIES):  # more than the socket holds
                recorder.tick(turn)

    with pytest.raises(DeviceError, match=r"is incomplete \(it could not be closed within 0.2 s\)"):
        session()
    assert "logs recover" in told[-1] and partial_of(path).exists()


def test_a_recording_whose_process_dies_is_closed_well(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    script = f"""
        import os, signal, numpy as np
        from pathlib import Path
        from robot_wm.log.record import Recorder
        from tests.log.sessions import header, tick
        rec = Recorder(Path({str(path)!r}), header(), lambda: 0.0)
        rng = np.random.default_rng(0)
        for number in range(10):
            rec.tick(tick(rng, number, 0.1 * number))
        while rec.sent < 10: pass
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    wait_for(path.exists)
    log = load_log(path)
    assert log.closed and not log.damage and len(list(log.ticks())) == 10
    assert "it was killed" in list(log.notes())[-1].words


def test_a_place_that_cannot_be_written_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; create it first"):
        Recorder(tmp_path / "nowhere" / "a.mcap", header(), lambda: 0.0)
    (tmp_path / "a.mcap").write_bytes(b"kept")
    with pytest.raises(ConfigError, match="already exists"):
        Recorder(tmp_path / "a.mcap", header(), lambda: 0.0)
    (tmp_path / ("b.mcap" + PARTIAL)).write_bytes(b"kept")
    with pytest.raises(ConfigError, match="robot-wm logs recover"):
        Recorder(tmp_path / "b.mcap", header(), lambda: 0.0)
    assert (tmp_path / "a.mcap").read_bytes() == b"kept"


def test_an_exception_in_the_session_is_in_the_log(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    recorder = Recorder(tmp_path / "a.mcap", header(), lambda: 0.0)

    def session() -> None:
        with recorder:
            recorder.tick(tick(rng, 0, 0.1))
            raise DeviceError("servo 3 is silent")

    with pytest.raises(DeviceError):
        session()
    (note,) = load_log(tmp_path / "a.mcap").notes()
    assert (note.level, note.words) == ("error", "DeviceError: servo 3 is silent")


def test_two_recordings_of_one_session_hold_the_same(tmp_path: Path) -> None:
    logs = []
    for name in ("a", "b"):
        record(tmp_path / f"{name}.mcap", ticks=3)
        logs.append([tick.digest for tick in load_log(tmp_path / f"{name}.mcap").ticks()])
    assert logs[0] == logs[1]


def wait_for(true: object, timeout_s: float = 120.0) -> None:
    """Until it is true; a busy machine may take its time."""
    end_s = time.monotonic() + timeout_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.01)
