"""Laws of `record --by keyboard`, on a real terminal: keys move the arm, the end restores it, the log is whole."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import final

import numpy as np
import pytest

from robot_wm.agents.teleop import HELP, KEYS
from robot_wm.errors import LogError
from robot_wm.log.entries import LogTick
from robot_wm.log.paths import partial_of
from robot_wm.log.read import Log, load_log
from robot_wm.log.report import verify

_PATIENCE_S = 300.0  # a busy machine may take its time
CTRL_C = "\x03"


@final
class Terminal:
    """A pseudo-terminal and the `record` that runs on it."""

    def __init__(self, log: Path) -> None:
        self._ours, self._theirs = pty.openpty()
        self.before = termios.tcgetattr(self._theirs)
        self._seen = b""
        command = [sys.executable, "-m", "robot_wm.cli.main", "record", str(log)]
        command += ["--arm", "fake", "--say", "go left", "--seconds", str(_PATIENCE_S)]
        self._process = subprocess.Popen(
            command,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def seen(self) -> str:
        """All that was printed."""
        return self._seen.decode()

    @property
    def settings(self) -> list[object]:
        """How the terminal is set now."""
        return termios.tcgetattr(self._theirs)

    def press(self, keys: str) -> None:
        """One key after the other, each once the last one was taken."""
        for key in keys:
            self.type(key)
            self.wait_for(lambda: self._waiting() == 0)

    def type(self, key: str) -> None:
        """One key."""
        os.write(self._ours, key.encode())

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Until it is true."""
        end_s = time.monotonic() + _PATIENCE_S
        while not true():
            assert time.monotonic() < end_s and self._process.poll() is None, self.seen
            time.sleep(0.01)

    def status(self) -> int:
        """The exit status, once it has ended."""
        return self._process.wait(_PATIENCE_S)

    def close(self) -> None:
        """End whatever still runs."""
        self._process.kill()
        self._process.wait()
        os.close(self._theirs)  # which ends the listener, too

    def _waiting(self) -> int:
        """Bytes that were typed and not read yet."""
        return struct.unpack("i", fcntl.ioctl(self._theirs, termios.FIONREAD, b"\0" * 4))[0]

    def _listen(self) -> None:
        try:
            while data := os.read(self._ours, 1024):
                self._seen += data
        except OSError:  # the other end was closed
            os.close(self._ours)


def _own_terminal() -> None:
    """Ctrl-C becomes a signal, which is ignored at first, as in what a shell starts in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "teleop.mcap"


@pytest.fixture
def terminal(log: Path) -> Iterator[Terminal]:
    made = Terminal(log)
    try:
        made.wait_for(lambda: HELP in made.seen)
        made.wait_for(lambda: made.settings != made.before)  # keys come as they are pressed
        yield made
    finally:
        made.close()


def moves(log: Log) -> list[LogTick]:
    """The ticks in which the tool was to move."""
    return [tick for tick in log.ticks() if np.any(tick.decision.action[:4])]


def moving(path: Path) -> bool:
    """Whether an unfinished log holds a tick in which the tool was to move."""
    try:
        return bool(moves(load_log(path)))
    except LogError:  # not even its header is there yet
        return False


def test_keys_move_the_arm_and_x_ends(terminal: Terminal, log: Path) -> None:
    terminal.press("aa r x")
    assert terminal.status() == 0, terminal.seen
    assert terminal.settings == terminal.before
    assert verify(log) == []
    back = load_log(log)
    way = np.sum([tick.decision.action[:4] for tick in moves(back)], axis=0)  # a key counts once a tick
    assert way[0] == way[3] == 0.0 and way[1] in (KEYS["a"][1], 2 * KEYS["a"][1]) and way[2] == KEYS["r"][2]
    for tick in moves(back):  # a late one costs a hold
        assert bool(tick.held) == np.array_equal(tick.sent.q_rad, tick.observation.sent.q_rad)
    assert list(back.ticks())[-1].decision.action[4] == 0.0  # half open, then open, then closed
    assert next(iter(back.instructions())).text == "go left" and not list(back.notes())


def test_ctrl_c_parks_and_leaves_terminal_and_log_whole(terminal: Terminal, log: Path) -> None:
    terminal.press("a")
    terminal.wait_for(lambda: moving(partial_of(log)))
    terminal.type(CTRL_C)
    assert terminal.status() == 130, terminal.seen
    assert terminal.settings == terminal.before
    assert verify(log) == []
    back = load_log(log)
    assert [tick.decision.action[:4].tolist() for tick in moves(back)] == [KEYS["a"].tolist()]
    assert [(note.level, note.origin) for note in back.notes()] == [("error", "loop")]
