"""How fast data are collected, per core, against bare MuJoCo that steps and renders the same frames.

    python -m benchmarks.collect --episodes 20

Collecting is all that `robot-wm collect` does in one worker: reset, expert, kinematics, limits, physics, both
pictures, captions, video, tables, and joining in the end. Bare is `mj_step` over the same number of physics steps from
the same states with the same set points, one call a tick, plus both cameras drawn and read back; nothing else.
Processor seconds of this process are counted, so that other load on the machine does not matter; everything runs in
one thread. Each episode is measured both ways before the next, so that a machine that slows down slows down both.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robot_wm.data.processes import SINGLE

if TYPE_CHECKING:
    from robot_wm.types import Floats
    from sim.collect import PlayEpisodes
    from sim.scene import Scene


@dataclass(frozen=True)
class Arguments:
    """Measure the speed of collecting."""

    episodes: int = 20
    config: str = "tabletop"
    seed: int = 0


@dataclass
class Stopwatch:
    """Processor seconds of this process, summed over blocks."""

    seconds: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds += time.process_time() - start


@dataclass
class Result:
    """Stopwatches of both ways over the same frames."""

    frames: int = 0
    collected: Stopwatch = field(default_factory=Stopwatch)
    bare: Stopwatch = field(default_factory=Stopwatch)

    def figures(self, episodes: int) -> dict[str, float]:
        """What the README quotes."""
        collected, bare = self.frames / self.collected.seconds, self.frames / self.bare.seconds
        return {
            "frames": self.frames,
            "collect_frames_per_core_s": round(collected, 1),
            "bare_frames_per_core_s": round(bare, 1),
            "ratio": round(collected / bare, 3),
            "minutes_per_1000_episodes_2_cores": round(self.collected.seconds / episodes * 1000 / 2 / 60, 2),
        }


def measure(source: "PlayEpisodes", seeds: list[int], folder: Path) -> Result:
    """Collect one episode a seed and replay each barely."""
    from robot_wm.data.dataset_writer import DatasetWriter
    from robot_wm.data.joining import join
    from sim.scene import Scene

    result, bare_scene = Result(), Scene(source.scene)
    with source.opened() as make_episode:
        make_episode(0)  # compiles shaders and opens contexts, once in a worker's life
        bare_scene.reset(0)
        bare_scene.render("overview")
        with DatasetWriter.creating(folder / "shard", source.fps, source.features, with_stats=False) as writer:
            for seed in seeds:
                with result.collected.running():
                    episode = make_episode(seed)
                    writer.add(episode)
                result.frames += episode.length
                replayed = _replay_barely(source, bare_scene, seed, result.bare)
                assert replayed == episode.length, (seed, replayed, episode.length)
            start = time.process_time()
        join([folder / "shard"], folder / "set")
        result.collected.seconds += time.process_time() - start
    bare_scene.close()
    return result


def _replay_barely(source: "PlayEpisodes", scene: "Scene", seed: int, watch: Stopwatch) -> int:
    """Play once unmeasured for the set points of each tick, then step and draw with them, measured. Returns ticks."""
    import mujoco

    from sim.scene import CAMERAS
    from sim.servo import STEP_S

    model, data = scene.model, scene.data
    first, set_points = _played(source, scene, seed)
    scene.set_state(first)
    steps = round(1.0 / source.fps / STEP_S)
    with watch.running():
        for set_point in set_points:
            data.ctrl[:] = set_point
            mujoco.mj_step(model, data, nstep=steps)
            for camera in CAMERAS:
                scene.render(camera.name)
    return len(set_points)


def _played(source: "PlayEpisodes", scene: "Scene", seed: int) -> "tuple[Floats, list[Floats]]":
    """The state at the first tick and the set points at each, on the first of the seed's tables with a goal on it."""
    import numpy as np

    from sim.play import Tick, play

    set_points: list[Floats] = []
    first = None
    for attempt in count():
        for item in play(scene, np.random.default_rng([seed, attempt]), source.config.play):
            if isinstance(item, Tick):
                first = scene.state() if first is None else first
                set_points.append(scene.data.ctrl.copy())
        if first is not None:
            return first, set_points
    raise AssertionError("unreachable: count() has no end")


def main(arguments: Arguments) -> dict[str, float]:
    """Measure and print; the last line is JSON."""
    os.environ.update(SINGLE)
    from robot_wm.data.collecting import episode_seed
    from sim.collect import source

    seeds = [episode_seed(arguments.seed, index) for index in range(arguments.episodes)]
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(source(arguments.config), seeds, Path(folder)).figures(arguments.episodes)
    print(json.dumps(figures))
    return figures


if __name__ == "__main__":
    main(tyro.cli(Arguments, args=sys.argv[1:], prog="benchmarks.collect"))
