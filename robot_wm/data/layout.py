"""Paths of a LeRobotDataset v3, and how a dataset appears atomically.

Knows paths and versions, not the contents of files.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from robot_wm.errors import DatasetError
from robot_wm.files import write_whole

VERSION = "v3.0"
FILES_A_CHUNK = 1000
DATA_FILE_MB = 100
VIDEO_FILE_MB = 200
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
INFO = Path("meta/info.json")
STATS = Path("meta/stats.json")
TASKS = Path("meta/tasks.parquet")
SEGMENTS = Path("meta/segments.parquet")  # ours, as is ORIGIN: LeRobot ignores them
CARD = Path("README.md")
ORIGIN = Path("meta/origin.json")  # how it was made: collector, resolved configuration, seed
ARM = Path("meta/arm.json")  # which arm and cameras it is of: "description", "overview"


def numbered(template: str, number: int, key: str = "") -> Path:
    """Return the path, relative to the dataset, of the file with this running number."""
    chunk, file = divmod(number, FILES_A_CHUNK)
    return Path(template.format(video_key=key, chunk_index=chunk, file_index=file))


def read_arm(path: Path) -> dict[str, Any]:
    """Return meta/arm.json of a dataset; empty if there is none. Raises DatasetError if it is damaged."""
    try:
        return json.loads((path / ARM).read_text()) if (path / ARM).is_file() else {}
    except ValueError as error:
        raise DatasetError(f"{path / ARM} is damaged: {error}; collect again, or remove the file") from error


def read_info(path: Path) -> dict[str, Any]:
    """Return meta/info.json of a dataset of version 3. Raises DatasetError if there is none."""
    remedy = "collect a new one with `robot-wm collect --out DIR`, or fetch it again"
    try:
        info = json.loads((path / INFO).read_text())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetError(f"no dataset at {path}: {INFO} is missing; {remedy}") from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"dataset {path}: {INFO} is not JSON or cannot be read ({error}); {remedy}") from error
    version = str(info.get("codebase_version")) if isinstance(info, dict) else "none"
    if not version.startswith("v3."):
        raise DatasetError(
            f"dataset {path} has version {version!r}; only {VERSION} can be read: import it with "
            "`robot-wm dataset import`, or convert it with LeRobot's convert_dataset_v21_to_v30"
        )
    return info


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(content, indent=2) + "\n").encode())


def sync(folder: Path) -> None:
    """Sync everything below `folder` to the disk."""
    for path in [*sorted(folder.rglob("*")), folder]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Yield a folder to fill, which is renamed to `path` when the block succeeds and removed if it fails.

    Raises DatasetError if `path` exists.
    """
    if path.exists():
        raise DatasetError(f"{path} already exists; choose another folder, or remove it first")
    beside = path.with_name(f"{path.name}.partial-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        sync(beside)
        beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
