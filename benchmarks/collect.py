"""How fast data are collected, per core, against bare MuJoCo that steps and renders the same frames.

    python -m benchmarks.collect --episodes 100

Collecting is all that `robot-wm collect` does in one worker: reset, expert, kinematics, limits, physics, both
pictures, captions, video, tables, and joining in the end. Bare is `mj_step` from the same state with the same set
points, one call for each 20 ms for which the servos hold one, plus both cameras drawn and read back; nothing else. That
both make the same pictures, bit by bit, is checked. Bare draws as a plain loop does, one picture after another and
everything in the scene. That collecting paints many views together and leaves out what lies hidden under the table
counts in its favour, and so does a context of its own size for each camera.
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
from copy import copy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robot_wm.processes import SINGLE

if TYPE_CHECKING:
    import mujoco

    from robot_wm.data.dataset_writer import Episode
    from robot_wm.types import Floats
    from sim.cameras import Paints
    from sim.collect import PlayEpisodes
    from sim.engine import Engine


@dataclass(frozen=True)
class Arguments:
    """Measure the speed of collecting."""

    episodes: int = 100  # fewer, and what a set costs once weighs more than in one of thousands
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

    result, bare = Result(), Bare(source)
    with source.opened() as make_episode:
        bare.scene.reset(0)
        bare.scene.render("overview")
        _warm_up(make_episode(0), source, folder / "warm-up")  # shaders and libraries: once in a worker's life
        with DatasetWriter.creating(folder / "shard", source.fps, source.features, with_stats=False) as writer:
            for seed in seeds:
                with result.collected.running():
                    episode = make_episode(seed)
                    writer.add(episode)
                result.frames += episode.length
                bare.replay(seed, episode, result.bare)
            start = time.process_time()
        join([folder / "shard"], folder / "set")
        result.collected.seconds += time.process_time() - start
    bare.scene.close()
    return result


def _warm_up(episode: "Episode", source: "PlayEpisodes", path: Path) -> None:
    """Write an episode that nobody counts: it loads what writing and statistics need."""
    from robot_wm.data.dataset_writer import DatasetWriter

    with DatasetWriter.creating(path, source.fps, source.features) as writer:
        writer.add(episode)


@dataclass(frozen=True)
class NotingEngine:
    """An engine that notes what the servos ask for in every block of physics."""

    engine: "Engine"
    data: "mujoco.MjData"
    set_points: "list[Floats]"  # (nu,) each

    def begin(self) -> None:
        self.engine.begin()

    def step(self, steps: int) -> None:
        self.set_points.append(self.data.ctrl.copy())
        self.engine.step(steps)

    def check(self) -> None:
        self.engine.check()

    def painter(self, size_px: int | None = None) -> "Paints":
        return self.engine.painter(size_px)

    def close(self) -> None:
        self.engine.close()


class Bare:
    """A scene in which episodes are played again with nothing but physics and pictures."""

    def __init__(self, source: "PlayEpisodes") -> None:
        from sim.engine import MujocoEngine
        from sim.scene import Scene

        self._play = source.config.play
        self._set_points: list[Floats] = []
        self.scene = Scene(
            source.scene, lambda model, data: NotingEngine(MujocoEngine(model, data), data, self._set_points)
        )

    def replay(self, seed: int, episode: "Episode", watch: Stopwatch) -> None:
        """Play once unmeasured for what is set at each tick; then draw and step with that, measured."""
        import mujoco
        import numpy as np

        from robot_wm.data.features import PICTURE_PREFIX
        from sim.servo import BLOCK_S, STEP_S

        model, data, steps = self.scene.model, self.scene.data, round(BLOCK_S / STEP_S)
        first, ticks = self._ticks(seed)
        mujoco.mj_copyData(data, model, first)
        pictures: dict[str, list] = {camera: [] for camera in self.scene.cameras}
        with watch.running():
            for speeds, set_points in ticks:
                for camera, seen in pictures.items():
                    seen.append(self.scene.render(camera))
                data.qvel[:] = speeds
                for set_point in set_points:
                    data.ctrl[:] = set_point
                    mujoco.mj_step(model, data, nstep=steps)
        for camera, seen in pictures.items():
            assert np.array_equal(seen, episode.pictures[PICTURE_PREFIX + camera]), (seed, camera)

    def _ticks(self, seed: int) -> "tuple[mujoco.MjData, list[tuple[Floats, list[Floats]]]]":
        """The data at the first tick; for each, all speeds (a bump changes some) and the set points of its blocks.

        On the first of the seed's tables with a goal on it, as in collecting.
        """
        import numpy as np

        from sim.play import Tick, play

        for attempt in count():
            self._set_points.clear()
            first, speeds, starts = None, [], []
            for item in play(self.scene, np.random.default_rng([seed, attempt]), self._play):
                if isinstance(item, Tick):
                    first = first or copy(self.scene.data)
                    speeds.append(self.scene.data.qvel.copy())
                    starts.append(len(self._set_points))
            if first is not None:
                ends = [*starts[1:], len(self._set_points)]
                blocks = [self._set_points[start:end] for start, end in zip(starts, ends, strict=True)]
                return first, list(zip(speeds, blocks, strict=True))
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
