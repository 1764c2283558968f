"""Folders as LeRobot writes them, made with pyarrow, PyAV and json alone, and with the defects known of them.

An SO-101 in degrees at 30 frames a second: joint k of frame i of episode e is at 10 e + k + i / 10 degrees, the
gripper closes from 100 to 0, the action of a frame is the next frame's pose. Frame i of episode e is grey 4 i + 50 e.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FPS = 30
JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")
CAMERA, WRIST = "observation.images.front", "observation.images.wrist"
TASKS = ("Pick up the red cube.", "go home")


@dataclass(frozen=True)
class Defects:
    """What is wrong with a folder."""

    drift_s: float = 0.0  # of from_timestamp, for each episode before
    unnamed_task: bool = False  # LeRobot 0.4.4 leaves the text's column without a name
    shuffled_tasks: bool = False
    nan_frame: int | None = None  # of episode 0
    short_video: int = 0  # frames that the last episode's video lacks
    claimed_episodes: int = 0  # episodes that info.json says and that are not there
    broken_data: bool = False  # a second data file without a footer, for the last episode
    names_in_dict: bool = False
    stats: str = "{}"


def degrees(episode: int, frames: int) -> np.ndarray:
    """(T, 6)."""
    i = np.arange(frames)[:, None]
    joints = 10.0 * episode + np.arange(5)[None] + i / 10.0
    return np.hstack([joints, 100.0 - 100.0 * i / max(1, frames - 1)]).astype(np.float32)


def actions(episode: int, frames: int) -> np.ndarray:
    """(T, 6)."""
    return degrees(episode, frames + 1)[1:] if frames > 1 else degrees(episode, 1)


def grey(episode: int, frame: int) -> int:
    return min(250, 4 * frame + 50 * episode)


def version_3(
    root: Path, lengths: Sequence[int] = (30, 45), defects: Defects = Defects(), dtype: str = "video"
) -> Path:
    """A folder of version 3.0: all episodes in one table and one video a camera."""
    (root / "meta/episodes/chunk-000").mkdir(parents=True)
    (root / "data/chunk-000").mkdir(parents=True)
    tables = [_frames(e, n, sum(lengths[:e]), defects, dtype) for e, n in enumerate(lengths)]
    whole = tables[:-1] if defects.broken_data else tables
    if whole:
        pq.write_table(pa.concat_tables(whole), root / "data/chunk-000/file-000.parquet")
    if defects.broken_data:
        (root / "data/chunk-000/file-001.parquet").write_bytes(b"PAR1" + bytes(200))
    rows = []
    for e, n in enumerate(lengths):
        first = sum(lengths[:e])
        row: dict[str, Any] = {"episode_index": e, "tasks": [TASKS[e % 2]], "length": n}
        file = int(defects.broken_data and e + 1 == len(lengths))
        row |= {"data/chunk_index": 0, "data/file_index": file}
        row |= {"dataset_from_index": first, "dataset_to_index": first + n}
        for key in (CAMERA, WRIST) if dtype == "video" else ():
            start_s = first / FPS + defects.drift_s * e
            row |= {f"videos/{key}/chunk_index": 0, f"videos/{key}/file_index": 0}
            row |= {f"videos/{key}/from_timestamp": start_s, f"videos/{key}/to_timestamp": start_s + n / FPS}
        rows.append(row | {"stats/action/min": [0.0], "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0})
    pq.write_table(pa.Table.from_pylist(rows), root / "meta/episodes/chunk-000/file-000.parquet")
    if dtype == "video":
        shades = [grey(e, i) for e, n in enumerate(lengths) for i in range(n)]
        for key, size in ((CAMERA, (48, 64)), (WRIST, (32, 32))):
            write_video(
                root / f"videos/{key}/chunk-000/file-000.mp4", shades[: len(shades) - defects.short_video], size
            )
    order = [1, 0] if defects.shuffled_tasks else [0, 1]
    text = "__index_level_0__" if defects.unnamed_task else "task"
    pq.write_table(pa.table({"task_index": order, text: [TASKS[k] for k in order]}), root / "meta/tasks.parquet")
    (root / "meta/stats.json").write_text(defects.stats)
    template = "{chunk_index:03d}/file-{file_index:03d}"
    paths = {
        "data_path": f"data/chunk-{template}.parquet",
        "video_path": "videos/{video_key}/chunk-" + template + ".mp4",
    }
    _info(root, "v3.0", len(lengths) + defects.claimed_episodes, sum(lengths), defects, dtype, paths)
    return root


def version_2(root: Path, lengths: Sequence[int] = (30, 45)) -> Path:
    """A folder of version 2.1: a file an episode."""
    (root / "meta").mkdir(parents=True)
    (root / "data/chunk-000").mkdir(parents=True)
    for e, n in enumerate(lengths):
        table = _frames(e, n, sum(lengths[:e]), Defects(), "video")
        pq.write_table(table, root / f"data/chunk-000/episode_{e:06d}.parquet")
        for key, size in ((CAMERA, (48, 64)), (WRIST, (32, 32))):
            write_video(root / f"videos/chunk-000/{key}/episode_{e:06d}.mp4", [grey(e, i) for i in range(n)], size)
    lines = [{"episode_index": e, "tasks": [TASKS[e % 2]], "length": n} for e, n in enumerate(lengths)]
    (root / "meta/episodes.jsonl").write_text("\n".join(map(json.dumps, lines)))
    tasks = [{"task_index": k, "task": text} for k, text in enumerate(TASKS)]
    (root / "meta/tasks.jsonl").write_text("\n".join(map(json.dumps, tasks)))
    paths = {
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
    }
    _info(root, "v2.1", len(lengths), sum(lengths), Defects(), "video", paths)
    return root


def write_video(path: Path, shades: Sequence[int], size: tuple[int, int]) -> None:
    """Grey pictures, (height, width), the wide margin of the picture black: only its middle square is bright."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = size
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"g": "2", "bf": "0", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for k, shade in enumerate(shades):
            frame = av.VideoFrame.from_ndarray(picture(shade, size), format="rgb24")
            frame.pts = k
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def picture(shade: int, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    pixels = np.zeros((height, width, 3), np.uint8)
    margin = (width - height) // 2
    pixels[:, margin : width - margin] = shade
    return pixels


def _frames(episode: int, count: int, first: int, defects: Defects, dtype: str) -> pa.Table:
    state = degrees(episode, count)
    if episode == 0 and defects.nan_frame is not None:
        state[defects.nan_frame, 2] = np.nan
    columns: dict[str, Any] = {
        "observation.state": _lists(state),
        "action": _lists(actions(episode, count)),
        "timestamp": np.arange(count, dtype=np.float32) / FPS,
        "frame_index": np.arange(count),
        "episode_index": np.full(count, episode),
        "index": first + np.arange(count),
        "task_index": np.full(count, episode % 2),
        "next.reward": np.linspace(0, 1, count, dtype=np.float32),
    }
    if dtype == "image":
        for key, size in ((CAMERA, (48, 64)), (WRIST, (32, 32))):
            columns[key] = [
                {"bytes": cv2.imencode(".png", picture(grey(episode, i), size))[1].tobytes(), "path": f"{i}.png"}
                for i in range(count)
            ]
    return pa.table(columns)


def _lists(values: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _info(
    root: Path, version: str, episodes: int, frames: int, defects: Defects, dtype: str, paths: dict[str, str]
) -> None:
    names: Any = [f"{joint}.pos" for joint in JOINTS]
    vector = {"dtype": "float32", "shape": [6], "names": {"motors": names} if defects.names_in_dict else names}
    number = lambda kind: {"dtype": kind, "shape": [1], "names": None}  # noqa: E731
    features: dict[str, Any] = {"observation.state": vector, "action": vector}
    for key, (height, width) in ((CAMERA, (48, 64)), (WRIST, (32, 32))):
        features[key] = {"dtype": dtype, "shape": [height, width, 3], "names": ["height", "width", "channels"]}
    features |= {name: number("int64") for name in ("frame_index", "episode_index", "index", "task_index")}
    features |= {"timestamp": number("float32"), "next.reward": number("float32")}
    info = {
        "codebase_version": version,
        "robot_type": "so101_follower",
        "total_episodes": episodes,
        "total_frames": frames,
        "total_tasks": 2,
        "chunks_size": 1000,
        "fps": FPS,
        "splits": {"train": f"0:{episodes}"},
        "features": features,
        "something_new": True,
    } | paths
    (root / "meta/info.json").write_text(json.dumps(info))
