"""What besides weights and settings decides the last bit: libraries, threads, processor. As it is here and now."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from robot_wm import __version__

PACKAGES = ("torch", "numpy", "mujoco")


def versions_here() -> dict[str, str]:
    """Versions by name, of ourselves, Python and the libraries that compute."""
    found = {"robot_wm": __version__, "python": platform.python_version()}
    return found | {name: _version(name) for name in PACKAGES}


def processor_here() -> str:
    """The processor's name as the kernel gives it."""
    info = Path("/proc/cpuinfo")
    rows = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def threads_here() -> str:
    """What OMP_NUM_THREADS says; empty where it says nothing."""
    return os.environ.get("OMP_NUM_THREADS", "")


def changed(logged: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """What of `logged` is not the same here, in words."""
    return [
        f"{name}: logged {was}, here {here[name]}" for name, was in logged.items() if name in here and here[name] != was
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
