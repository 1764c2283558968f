"""What video costs of a picture: errors after decoding, in levels of 255, and bytes a frame, by sampling of colour.

python -m benchmarks.video --episodes 10
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import tyro
from numpy.typing import NDArray

FORMATS = {"4:4:4": "yuv444p", "4:2:0": "yuv420p"}


@dataclass(frozen=True)
class Arguments:
    """Measure the errors of decoded pictures."""

    episodes: int = 10
    seed: int = 0


def measure(pictures: NDArray[np.uint8], pixel_format: str, fps: int) -> dict[str, float]:
    """Write (n, h, w, 3), read it back, compare."""
    from robot_wm.data import video

    with tempfile.TemporaryDirectory() as folder, mock.patch.object(video, "PIX_FMT", pixel_format):
        path = Path(folder) / "video.mp4"
        with video.VideoWriter(path, fps, *pictures.shape[1:3]) as writer:
            writer.add(pictures)
        back, size = np.stack(list(video.decode(path))), path.stat().st_size
    error = np.abs(back.astype(int) - pictures)
    return {
        "mean": round(float(error.mean()), 2),
        "p99_9": float(np.percentile(error, 99.9)),
        "max": int(error.max()),
        "bytes_a_frame": round(size / len(pictures)),
    }


def _episodes(count: int, seed: int) -> dict[str, NDArray[np.uint8]]:
    """All pictures of some episodes of play, by camera."""
    from robot_wm.data.collecting import episode_seed
    from sim.collect import source

    with source("tabletop").opened() as make_episode:
        made = [make_episode(episode_seed(seed, number)) for number in range(count)]
    return {camera: np.concatenate([each.pictures[camera] for each in made]) for camera in made[0].pictures}


def main(arguments: Arguments) -> None:
    """Print a line of JSON for each camera and sampling."""
    for camera, pictures in _episodes(arguments.episodes, arguments.seed).items():
        for name, pixel_format in FORMATS.items():
            row = {"camera": camera, "size": pictures.shape[1], "frames": len(pictures), "colour": name}
            print(json.dumps(row | measure(pictures, pixel_format, fps=10)))


if __name__ == "__main__":
    main(tyro.cli(Arguments, args=sys.argv[1:], prog="benchmarks.video"))
