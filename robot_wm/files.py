"""Atomic file writes (written to a temporary file, then renamed) and lock files."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from robot_wm.errors import ConfigError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: after a crash it has either its old or its new content.

    Symbolic links are followed; a device or pipe is written to directly.

    Raises:
        ConfigError: the file cannot be written.
    """
    require_writable(path)
    try:
        if _is_special(path):
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}; free disk space, or choose another folder"
        ) from error


def require_writable(path: Path) -> None:
    """Raise ConfigError if `path` cannot be written; cheap, so that it can be checked before a long job."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder; give the path of a file")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if not os.access(path if _is_special(path) else path.parent, os.W_OK):
        raise ConfigError(f"cannot write {path}: no permission to write in {path.parent}; choose another folder")


@contextmanager
def locked(path: Path, busy: str | None = None) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`, which is created if necessary, while the block runs.

    Args:
        path: path of the lock file.
        busy: message of the ConfigError if another process holds the lock; None waits for it.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if busy is None else fcntl.LOCK_NB))
        except BlockingIOError:
            raise ConfigError(str(busy)) from None
        yield


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _replace(path: Path, content: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
