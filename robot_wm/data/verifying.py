"""Check a LeRobotDataset v3 for damage and oddities. Reads every frame and picture."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from robot_wm.data import layout, stats_check, tables, video
from robot_wm.errors import DatasetError

_STILL = 0.15  # levels of 255 by which a picture differs from the one before, on average, if nothing moves
_MANY = 0.5  # share of such pictures that is worth a warning
_JUMP = 0.5  # of a joint's whole range, in one frame
_NEEDED = ("features", "fps", "data_path", "total_episodes", "total_frames", "total_tasks")
_TIME_S = 1e-4  # tolerance of LeRobot's own reader


@dataclass
class Findings:
    """The findings of a check."""

    path: Path
    errors: list[str] = field(default_factory=list)  # the dataset is unusable
    warnings: list[str] = field(default_factory=list)  # usable, but suspicious
    frames: int = 0
    episodes: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "sound": not self.errors,
            "episodes": self.episodes,
            "frames": self.frames,
            "errors": self.errors,
            "warnings": self.warnings,
        }

    def words(self) -> str:
        """For people."""
        verdict = "damaged" if self.errors else "sound"
        lines = [f"{self.path}: {verdict}; {self.episodes} episodes, {self.frames} frames"]
        return "\n".join(lines + [f"  error: {e}" for e in self.errors] + [f"  warning: {w}" for w in self.warnings])


def verify(path: Path) -> Findings:
    """Check everything. Raises DatasetError only if there is no dataset of version 3 at all."""
    found = Findings(path)
    info = layout.read_info(path)
    missing = [key for key in _NEEDED if key not in info]
    if missing:
        found.errors.append(f"{layout.INFO} lacks {', '.join(missing)}")
        return found
    episodes = _guarded(found, "episodes", lambda: tables.read_episodes(path / "meta/episodes")) or []
    tasks = _guarded(found, "tasks", lambda: tables.read_tasks(path / layout.TASKS)) or ()
    found.episodes = len(episodes)
    _check_counters(found, info, episodes, tasks)
    done: dict[int, np.ndarray] = {}
    for row in episodes:
        number = row["episode_index"]
        done[number] = _guarded(
            found, f"episode {number}", lambda row=row: _check_frames(found, path, info, row, tasks)
        )
    found.warnings += _jumps(info, {number: values for number, values in done.items() if values is not None})
    for key in _of_kind(info, lambda dtype: dtype == "video"):
        _check_videos(found, path, info, episodes, key)
    if not found.errors:
        try:
            found.warnings += [
                f"statistics of {line}" for line in stats_check.differences(path, stats_check.recomputed(path))
            ]
        except DatasetError as error:
            found.errors.append(str(error))
    return found


def _guarded(found: Findings, what: str, check: Callable[[], Any]) -> Any:
    """Return the result of a check; what it cannot read becomes an error."""
    try:
        return check()
    except (OSError, LookupError, ValueError, TypeError, StopIteration, pa.ArrowException, DatasetError) as error:
        found.errors.append(f"{what}: {type(error).__name__}: {error}")
        return None


def _of_kind(info: dict[str, Any], fits: Callable[[str], bool]) -> list[str]:
    return [name for name, entry in info["features"].items() if fits(str(entry["dtype"]))]


def _check_counters(found: Findings, info: dict[str, Any], episodes: Sequence[dict], tasks: Sequence[str]) -> None:
    numbers = [row["episode_index"] for row in episodes]
    if numbers != list(range(len(episodes))):
        found.errors.append("episode_index does not count 0, 1, 2, ...")
    ends = [0, *(row["dataset_to_index"] for row in episodes)]
    if [row["dataset_from_index"] for row in episodes] != ends[:-1]:
        found.errors.append("episodes do not follow each other in dataset_from_index and dataset_to_index")
    said = (info.get("total_episodes"), info.get("total_frames"), info.get("total_tasks"))
    there = (len(episodes), ends[-1], len(tasks))
    if said != there:
        found.errors.append(f"info.json claims {said} episodes, frames and tasks, found {there}")
    if not episodes:
        found.errors.append("there is no episode")


def _check_frames(
    found: Findings, path: Path, info: dict[str, Any], row: dict, tasks: Sequence[str]
) -> np.ndarray | None:
    """Check indices and finiteness of one episode; return its actions (T, n)."""
    number, length = row["episode_index"], row["length"]
    names = _of_kind(info, lambda dtype: dtype not in ("video", "image", "language"))
    file = path / info["data_path"].format(chunk_index=row["data/chunk_index"], file_index=row["data/file_index"])
    table = pq.read_table(file, columns=names, filters=[("episode_index", "==", number)])
    found.frames += table.num_rows
    if table.num_rows != length:
        found.errors.append(f"episode {number} claims {length} frames and has {table.num_rows}")
    count = np.arange(table.num_rows)
    for name, wanted in (("frame_index", count), ("index", row["dataset_from_index"] + count)):
        if not np.array_equal(table[name].to_numpy(), wanted):
            found.errors.append(f"episode {number}: {name} does not count up by one")
    if np.abs(table["timestamp"].to_numpy() - count / info["fps"]).max(initial=0.0) > _TIME_S:
        found.errors.append(f"episode {number}: timestamp is not frame_index / fps")
    if not set(table["task_index"].to_pylist()) <= set(range(len(tasks))):
        found.errors.append(f"episode {number} has a task_index without a task")
    for name in _of_kind(info, lambda dtype: dtype.startswith("float")):
        bad = ~np.isfinite(tables.column(table, name, (-1,))).all(axis=1)
        if bad.any():
            found.errors.append(f"episode {number}: {name} has {int(bad.sum())} non-finite frames")
    return tables.column(table, "action", (-1,)) if "action" in names else None


def _jumps(info: dict[str, Any], actions: dict[int, np.ndarray]) -> list[str]:
    """Report joint targets that move through most of their range in a single frame; grippers may."""
    names = info["features"].get("action", {}).get("names")
    if not isinstance(names, list) or not actions:
        return []
    span = np.ptp(np.concatenate(list(actions.values())), axis=0)
    joints = [k for k, name in enumerate(names) if str(name).endswith(".pos") and not str(name).startswith("gripper")]
    found = []
    for number, values in actions.items():
        steps = np.abs(np.diff(values, axis=0, prepend=values[:1]))
        for k in joints:
            at = int(steps[:, k].argmax())
            if steps[at, k] > _JUMP * span[k] > 0.0:
                found.append(f"episode {number}: action {names[k]} jumps by {steps[at, k]:.3g} at frame {at}")
    return found


def _check_videos(found: Findings, path: Path, info: dict[str, Any], episodes: Sequence[dict], key: str) -> None:
    """Every file is there, its episodes tile it, its pictures are as many as they say, on time, and alive."""
    files: dict[Path, list[dict]] = defaultdict(list)
    for row in episodes:
        place = {part: row.get(f"videos/{key}/{part}_index") for part in ("chunk", "file")}
        if None in place.values():
            found.errors.append(f"episode {row['episode_index']} has no video of {key}")
            continue
        template = str(info.get("video_path"))
        file = template.format(video_key=key, chunk_index=place["chunk"], file_index=place["file"])
        files[path / file].append(row)
    for file, rows in files.items():
        _guarded(found, str(file), lambda file=file, rows=rows: _check_video(found, file, rows, key, info["fps"]))


def _check_video(found: Findings, file: Path, rows: Sequence[dict], key: str, fps: int) -> None:
    end = 0
    for row in sorted(rows, key=lambda row: row[f"videos/{key}/from_timestamp"]):
        start, stop = (round(row[f"videos/{key}/{side}_timestamp"] * fps) for side in ("from", "to"))
        if start != end or stop - start != row["length"]:
            found.errors.append(
                f"{file}: episode {row['episode_index']} of {row['length']} frames lies at frames {start} to {stop}, "
                f"and the one before ends at {end}"
            )
        end = stop
    count = video.count_frames(file)
    if count != end:
        found.errors.append(f"{file} has {count} frames, its episodes {end}")
    still = _still(video.frames_at(file, fps, range(min(count, end))))
    if len(still) and still.mean() > _MANY:
        found.warnings.append(f"{file}: {100 * still.mean():.0f} % of the pictures equal the one before")


def _still(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Return whether each picture after the first looks like the one before."""
    before, found = None, []
    for picture in pictures:
        now = picture.astype(np.int16)
        if before is not None:
            found.append(float(np.abs(now - before).mean()) < _STILL)
        before = now
    return np.array(found, bool)
