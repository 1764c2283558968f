"""`make` uses the activated environment, whatever it is called, unless it is given a Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def planned(folder: Path, *arguments: str) -> list[str]:
    """Return the commands of `make check` where `folder` comes first on PATH."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "VIRTUAL_ENV")}
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    words = ["make", "--no-print-directory", "-n", "check", *arguments]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_an_environment_of_any_name_is_used(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert all(line.startswith(f"{python} ") for line in planned(tmp_path))


def test_a_python_without_the_tools_is_left_aside(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert not any(line.startswith(f"{python} ") for line in planned(tmp_path))


def test_a_given_python_wins(tmp_path: Path) -> None:
    assert all(line.startswith("some/python ") for line in planned(tmp_path, "PYTHON=some/python"))
