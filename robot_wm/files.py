"""Whole files or none: written beside their place, then renamed into it."""

import os
import tempfile
from pathlib import Path

from robot_wm.errors import ConfigError


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; a crash leaves what was there before. Raises ConfigError where it cannot."""
    require_writable(path)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def require_writable(path: Path) -> None:
    """Raise ConfigError where `path` cannot be written; cheap, so that it can be asked before a long job."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder; name a file")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if not os.access(path.parent, os.W_OK):
        raise ConfigError(f"cannot write {path}: no permission to write in {path.parent}; choose another folder")
