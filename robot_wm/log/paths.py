"""Names of a log while it is written and afterwards."""

from pathlib import Path

from robot_wm.errors import ConfigError
from robot_wm.files import require_writable

PARTIAL = ".partial"  # suffix of a log that is not closed yet


def partial_of(path: Path) -> Path:
    """Return the name of a log until it is closed."""
    return path.with_name(path.name + PARTIAL)


def require_free(path: Path) -> None:
    """Raise ConfigError if no log can be written to `path`; ask this before anything moves."""
    require_writable(path)
    for taken in (path, partial_of(path)):
        if taken.exists():
            remedy = "" if taken == path else f" (a recording that was killed: robot-wm logs recover {taken})"
            raise ConfigError(f"cannot write the log {path}: {taken} already exists{remedy}; choose another name")
