"""Provenance of a run: hashes of files and settings, versions of libraries, the commit of the source."""

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from robot_wm.version import __version__

_COMPUTING = ("torch", "numpy", "mujoco", "pybullet", "mink", "daqp", "opencv-python-headless")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def config_sha256(values: Mapping[str, Any]) -> str:
    """SHA-256 of a configuration's plain values (`robot_wm.config.to_values`), whatever the order of its keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions that, besides weights and settings, affect the last bit; without what is not installed."""
    found = {"robot_wm": __version__, "python": platform.python_version(), "git": _commit()}
    found |= {"processor": _processor(), "threads": _threads()}
    found |= {name: _version(name) for name in _COMPUTING}
    return {name: value for name, value in found.items() if value}


def _threads() -> str:
    """Threads of torch, where something has imported it: a sum over more of them may end in another last bit."""
    torch = sys.modules.get("torch")
    return os.environ.get("OMP_NUM_THREADS", "") if torch is None else str(torch.get_num_threads())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """Commit of the source tree this runs from, "+" where it was changed; empty where it runs from no git checkout."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return ""
    commit, changes = _git(folder, "rev-parse", "HEAD"), _git(folder, "status", "--porcelain", "-uno")
    return commit + ("+" if changes else "")


def _git(folder: Path, *words: str) -> str:
    try:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    rows = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
