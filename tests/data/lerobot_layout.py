"""A checker of LeRobotDataset v3 that shares no code with ours: json, pyarrow and PyAV alone."""

import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq


def check_layout(root: Path) -> None:
    """Assert every law of the format that LeRobot's reader leans on."""
    info = json.loads((root / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    episodes = [row for f in sorted(root.glob("meta/episodes/*/*.parquet")) for row in pq.read_table(f).to_pylist()]
    assert [row["episode_index"] for row in episodes] == list(range(info["total_episodes"]))
    _check_frames(root, info, episodes)
    _check_tasks(root, info, episodes)
    for key, feature in info["features"].items():
        if feature["dtype"] == "video":
            _check_videos(root, info, episodes, key)
    stats = json.loads((root / "meta/stats.json").read_text())
    assert set(stats) == {name for name, feature in info["features"].items() if feature["dtype"] != "string"}
    for entry in stats.values():
        assert set(entry) == {"min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99"}


def _check_frames(root: Path, info: dict, episodes: list[dict]) -> None:
    files = sorted((root / "data").glob("*/*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert len(rows) == info["total_frames"] == episodes[-1]["dataset_to_index"]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    wanted = {key for key, feature in info["features"].items() if feature["dtype"] != "video"}
    assert set(rows[0]) == wanted
    end = 0
    for episode in episodes:
        start, stop = episode["dataset_from_index"], episode["dataset_to_index"]
        assert (start, stop - start) == (end, episode["length"])
        own = rows[start:stop]
        assert {row["episode_index"] for row in own} == {episode["episode_index"]}
        assert [row["frame_index"] for row in own] == list(range(len(own)))
        assert [row["timestamp"] for row in own] == [float(np.float32(k / info["fps"])) for k in range(len(own))]
        path = info["data_path"].format(chunk_index=episode["data/chunk_index"], file_index=episode["data/file_index"])
        assert root / path in files
        end = stop


def _check_tasks(root: Path, info: dict, episodes: list[dict]) -> None:
    table = pq.read_table(root / "meta/tasks.parquet")
    assert table["task_index"].to_pylist() == list(range(info["total_tasks"]))
    pandas = json.loads(table.schema.metadata[b"pandas"])
    assert pandas["index_columns"] == ["task"]
    assert {each["name"] for each in pandas["columns"]} == {"task", "task_index"}
    assert {task for row in episodes for task in row["tasks"]} == set(table["task"].to_pylist())


def _check_videos(root: Path, info: dict, episodes: list[dict], key: str) -> None:
    ends: dict[str, int] = defaultdict(int)
    for row in episodes:
        path = info["video_path"].format(
            video_key=key, chunk_index=row[f"videos/{key}/chunk_index"], file_index=row[f"videos/{key}/file_index"]
        )
        first, stop = (row[f"videos/{key}/{end}_timestamp"] * info["fps"] for end in ("from", "to"))
        assert abs(first - ends[path]) < 1e-9 and abs(stop - first - row["length"]) < 1e-9
        ends[path] = round(stop)
    height, width, _ = info["features"][key]["shape"]
    for path, count in ends.items():
        with av.open(str(root / path)) as file:
            stream = file.streams.video[0]
            frames = list(file.decode(stream))
            assert (stream.average_rate, len(frames)) == (info["fps"], count)
            assert [(frame.pts or 0) * Fraction(stream.time_base or 0) * info["fps"] for frame in frames] == list(
                range(count)
            )
            assert {(frame.height, frame.width) for frame in frames} == {(height, width)}
            declared = info["features"][key]["info"]
            assert stream.codec_context.name == declared["video.codec"]
            assert stream.codec_context.pix_fmt == declared["video.pix_fmt"]
