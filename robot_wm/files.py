"""Whole files or none: written beside their place, then renamed into it. And files that lock what lies beside them."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from robot_wm.errors import ConfigError


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; a crash leaves what was there before. Raises ConfigError where it cannot.

    A link goes on leading to its file; a device or pipe is written to as it is.
    """
    require_writable(path)
    try:
        if _is_special(path):
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}; make room, or choose another folder") from error


def require_writable(path: Path) -> None:
    """Raise ConfigError where `path` cannot be written; cheap, so that it can be asked before a long job."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder; name a file")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if not os.access(path if _is_special(path) else path.parent, os.W_OK):
        raise ConfigError(f"cannot write {path}: no permission to write in {path.parent}; choose another folder")


@contextmanager
def locked(path: Path, busy: str | None = None) -> Iterator[None]:
    """Hold the lock file `path`, made where need be, as the only process; it is given up however that ends.

    Where another process holds it, raises ConfigError with the words `busy`; without them, waits for it.
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
