"""Whether lerobot's own reader sees in a dataset what is there: frames, states, tasks, statistics. No test runs this.

lerobot cannot be installed beside the torch that robot_wm uses, so it gets an environment of its own, without
torchvision, which it only needs for a decoder that is not used here:

    python3.11 -m venv lerobot-venv
    lerobot-venv/bin/pip install --no-deps lerobot==0.4.4
    lerobot-venv/bin/pip install torch numpy pandas pyarrow datasets av jsonlines packaging draccus huggingface_hub \
        einops deepdiff termcolor pyyaml safetensors opencv-python-headless pillow
    lerobot-venv/bin/pip install --no-deps accelerate psutil
    lerobot-venv/bin/python benchmarks/lerobot_reader.py DATASET

The comparison is with pyarrow and PyAV alone, so that this file runs there without robot_wm. Exit status 1 where
something differs.
"""

import argparse
import json
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow.parquet as pq

FRAMES = 25  # compared with all their columns and pictures, spread evenly


def main(root: Path) -> int:
    """Compare; prints a line for each kind of thing."""
    theirs = opened(root)
    info = json.loads((root / "meta/info.json").read_text())
    rows = [row for file in sorted(root.glob("data/*/*.parquet")) for row in pq.read_table(file).to_pylist()]
    chosen = np.linspace(0, len(rows) - 1, min(FRAMES, len(rows))).astype(int).tolist()
    wrong = int(len(theirs) != len(rows))
    print(f"frames: {len(theirs)} read by lerobot, {len(rows)} there")
    numbers = [name for name, each in info["features"].items() if each["dtype"] not in ("video", "string")]
    wrong += told("numbers", [k for k in chosen if not same_numbers(theirs[k], rows[k], numbers)])
    tasks = {row["task_index"]: row["task"] for row in pq.read_table(root / "meta/tasks.parquet").to_pylist()}
    wrong += told("tasks", [k for k in chosen if theirs[k]["task"] != tasks[rows[k]["task_index"]]])
    for camera in (name for name, each in info["features"].items() if each["dtype"] == "video"):
        wrong += told(camera, [k for k in chosen if off(theirs[k][camera], picture(root, info, rows[k], camera)) > 2])
    stats = json.loads((root / "meta/stats.json").read_text())
    wrong += told("statistics", [name for name in stats if not same_stats(theirs.meta.stats[name], stats[name])])
    return min(wrong, 1)


def opened(root: Path) -> Any:
    """lerobot's dataset, with pictures decoded by PyAV."""
    without_torchvision()
    from lerobot.datasets.lerobot_dataset import LeRobotDataset  # type: ignore[import-not-found]

    return LeRobotDataset("local/dataset", root=root, video_backend="pyav_frames")


def without_torchvision() -> None:
    """Stand-ins for what lerobot imports of torchvision, and a decoder on PyAV in its place."""
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.v2", "torchvision.io"):
        module = types.ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__getattr__ = stand_in  # type: ignore[method-assign]
        sys.modules[name] = module
    import lerobot.datasets.lerobot_dataset as dataset  # type: ignore[import-not-found]

    dataset.decode_video_frames = decode  # type: ignore[attr-defined]


def stand_in(attribute: str) -> type:
    """A class of that name; what Python itself asks a module for is not there."""
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return type(attribute, (), {})


def decode(path: Path, timestamps: list[float], tolerance_s: float, backend: str | None = None) -> Any:
    """What `lerobot.datasets.video_utils.decode_video_frames` does: the frames nearest to the times, (T, 3, h, w)."""
    import torch

    found: dict[int, np.ndarray] = {}
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            for k, at_s in enumerate(timestamps):
                if abs(float(frame.time or 0.0) - at_s) <= tolerance_s:
                    found[k] = frame.to_ndarray(format="rgb24")
    pictures = np.stack([found[k] for k in range(len(timestamps))])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255.0


def picture(root: Path, info: dict[str, Any], row: dict[str, Any], camera: str) -> np.ndarray:
    """The picture of a frame by counting frames, (h, w, 3)."""
    episodes = [e for f in sorted(root.glob("meta/episodes/*/*.parquet")) for e in pq.read_table(f).to_pylist()]
    episode = episodes[row["episode_index"]]
    place = {f"{part}_index": episode[f"videos/{camera}/{part}_index"] for part in ("chunk", "file")}
    number = round(episode[f"videos/{camera}/from_timestamp"] * info["fps"]) + row["frame_index"]
    with av.open(str(root / info["video_path"].format(video_key=camera, **place))) as file:
        for k, frame in enumerate(file.decode(video=0)):
            if k == number:
                return frame.to_ndarray(format="rgb24")
    raise SystemExit(f"{camera} has no frame {number}")


def off(theirs: Any, ours: np.ndarray) -> float:
    """Mean difference in levels of 255."""
    return float(np.abs(theirs.permute(1, 2, 0).numpy() * 255.0 - ours).mean())


def same_numbers(theirs: Any, ours: dict[str, Any], names: list[str]) -> bool:
    return all(
        np.array_equal(np.ravel(theirs[n].numpy()), np.ravel(np.array(ours[n], theirs[n].numpy().dtype))) for n in names
    )


def same_stats(theirs: Any, ours: Any) -> bool:
    return all(np.allclose(np.ravel(theirs[key]), np.ravel(value)) for key, value in ours.items())


def told(what: str, differing: list[Any]) -> int:
    print(f"{what}: {f'differ at {differing[:5]}' if differing else 'the same'}")
    return int(bool(differing))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dataset", type=Path)
    sys.exit(main(parser.parse_args().dataset))
