"""Summary of a dataset, as a JSON object or a few lines."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from robot_wm.data import layout
from robot_wm.data.episodes import open_dataset


def summary(path: Path) -> dict[str, Any]:
    """Return counts, features, tasks and origin. Raises DatasetError if there is no intact dataset."""
    dataset = open_dataset(path)
    lengths = dataset.episode_stop - dataset.episode_start
    origin = path / layout.ORIGIN
    return {
        "path": str(path),
        "fps": dataset.fps,
        "episodes": dataset.n_episodes,
        "frames": len(dataset),
        "seconds": round(len(dataset) / dataset.fps, 1),
        "episode_frames": {"min": int(lengths.min()), "median": float(np.median(lengths)), "max": int(lengths.max())},
        "features": {name: [each.dtype, list(each.shape)] for name, each in dataset.features.items()},
        "segments": len(dataset.segments),
        "segments_with_a_known_goal": sum(not task.is_refusal for task in dataset.segments.tasks),
        "succeeded": int(dataset.segments.success.sum()),
        "instructions": len(dataset.tasks),
        "bytes": sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
        "origin": json.loads(origin.read_text()) if origin.is_file() else None,
    }


def words(found: dict[str, Any]) -> str:
    """Format a summary for people."""
    frames = found["episode_frames"]
    lines = [
        f"{found['path']}: {found['episodes']} episodes, {found['frames']} frames at {found['fps']} per second "
        f"({found['seconds']:g} s), {found['bytes'] / 1e6:.1f} MB",
        f"episodes of {frames['min']} to {frames['max']} frames, median {frames['median']:g}",
        f"{found['segments']} segments, {found['segments_with_a_known_goal']} with a known goal, "
        f"{found['succeeded']} of them reached; {found['instructions']} instructions",
        *(f"  {name}: {dtype} {shape}" for name, (dtype, shape) in found["features"].items()),
    ]
    recordings = (found["origin"] or {}).get("recordings", [])
    notes = [note for each in recordings for note in each["notes"]]
    left_out = sum(each["left_out_frames"] for each in recordings)
    if recordings:
        lines.append(f"made from {len(recordings)} recordings, {left_out} frames left out; {len(notes)} notes")
    return "\n".join(lines)
