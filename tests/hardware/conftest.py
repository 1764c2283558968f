"""`robot-wm arm emulate` in a process of its own, as a client meets it."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

START = "import sys; from hardware.commands.emulate import main; sys.exit(main(sys.argv[1:]))"
Start = Callable[..., AbstractContextManager[tuple[str, "subprocess.Popen[str]"]]]


@contextlib.contextmanager
def _running(*words: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-c", START, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="session")
def running() -> Start:
    """Words after `arm emulate` -> a context with the path that it printed and the process."""
    return _running


@pytest.fixture(scope="module")
def feetech_path() -> Iterator[str]:
    with _running("--physics", "ideal") as (path, _):
        yield path


@pytest.fixture(scope="module")
def dynamixel_path() -> Iterator[str]:
    with _running("--physics", "ideal", "--protocol", "dynamixel") as (path, _):
        yield path
