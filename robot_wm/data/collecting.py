"""Collect episodes into a dataset with worker processes; an interrupted collection can be resumed.

Episodes are written in shards of fixed ranges, each a small dataset that appears when it is complete; at the end they
are joined in order. An episode depends only on the collection's seed and its own number, so the result is the same for
any number of workers and interruptions. Knows no simulator.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from robot_wm import processes
from robot_wm.data import layout
from robot_wm.data.dataset_writer import DatasetWriter, Episode
from robot_wm.data.features import Feature
from robot_wm.data.joining import join
from robot_wm.errors import DatasetError
from robot_wm.files import locked

SHARD_EPISODES = 20


class EpisodeSource(Protocol):
    """A source of episodes. Picklable; each worker creates the heavy part by `opened`."""

    @property
    def fps(self) -> int: ...

    @property
    def features(self) -> tuple[Feature, ...]: ...

    def opened(self) -> AbstractContextManager[Callable[[int], Episode]]:
        """Return a function from a seed to an episode, which depends on nothing but the seed."""
        ...

    def described(self) -> Mapping[str, object]:
        """Return the resolved configuration as JSON values; a collection can be resumed only with the same one."""
        ...

    def arm(self) -> Mapping[str, object]:
        """Return the arm and its cameras as JSON values, for meta/arm.json; empty where they are not known."""
        ...


@runtime_checkable
class DrivableSource(EpisodeSource, Protocol):
    """A source in which a policy may act, while the expert's actions are recorded."""

    def driven(self, driver: Callable[..., Any], name: str) -> EpisodeSource:
        """Return the same source with a policy acting; `name` becomes part of the description."""
        ...


@dataclass(frozen=True)
class Shard:
    """Episodes [first, stop) of a collection."""

    first: int
    stop: int

    @property
    def name(self) -> str:
        return f"episodes-{self.first:06d}-{self.stop:06d}"


@dataclass(frozen=True)
class Progress:
    """Progress of a collection: `episodes` are complete, `kept` of them from earlier runs."""

    episodes: int
    kept: int
    frames: int  # made in this run


def collect(
    source: EpisodeSource,
    path: Path,
    episodes: int,
    seed: int,
    workers: int,
    report: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Collect a dataset. Until it is complete, finished shards are in `path`.collecting.

    If `path` already exists and has the same origin, nothing is done.

    Args:
        source: of the episodes.
        path: folder of the dataset.
        episodes: how many.
        seed: of the collection, at least 0.
        workers: number of processes.
        report: called with the progress after each episode.

    Raises:
        DatasetError: an argument is out of range, or `path` or `path`.collecting has another origin.
    """
    if episodes < 1 or workers < 1:
        raise DatasetError(f"a collection needs at least 1 episode and 1 worker, received {episodes} and {workers}")
    if seed < 0:
        raise DatasetError(f"the seed must be 0 or more, received {seed}")
    origin = {"source": dict(source.described()), "seed": seed, "shard_episodes": SHARD_EPISODES}
    if path.exists():
        return _check_same(path, origin, episodes)
    with _workplace(path.with_name(path.name + ".collecting"), origin) as place:
        shards = [Shard(k, min(k + SHARD_EPISODES, episodes)) for k in range(0, episodes, SHARD_EPISODES)]
        missing = [each for each in shards if not (place / each.name).exists()]
        kept = sum(each.stop - each.first for each in shards if each not in missing)
        _fill(source, place, missing, seed, min(workers, len(missing)), kept, report)
        join([place / each.name for each in shards], place / "dataset", origin)
        layout.write_json(place / "dataset" / layout.ARM, source.arm())
        (place / "dataset").rename(path)
        shutil.rmtree(place)


def episode_seed(seed: int, index: int) -> int:
    """Return the seed of an episode of a collection, 63 well mixed bits."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _fill(
    source: EpisodeSource,
    place: Path,
    missing: list[Shard],
    seed: int,
    workers: int,
    kept: int,
    report: Callable[[Progress], None],
) -> None:
    made = frames = 0
    report(Progress(kept, kept, 0))
    for done in processes.run(partial(_shard_worker, source, place, seed), missing, workers):
        if done.job is None:
            made, frames = made + 1, frames + done.amount
            report(Progress(kept + made, kept, frames))


@contextmanager
def _shard_worker(source: EpisodeSource, place: Path, seed: int) -> Iterator[processes.Worker]:
    with source.opened() as make_episode:

        def write(shard: Shard, report: processes.Report) -> None:
            part = DatasetWriter.creating(place / shard.name, source.fps, source.features, with_stats=False)
            with part as writer:
                for index in range(shard.first, shard.stop):
                    episode = make_episode(episode_seed(seed, index))
                    writer.add(episode)
                    report(episode.length)

        yield write


@contextmanager
def _workplace(place: Path, origin: dict[str, object]) -> Iterator[Path]:
    """Yield the folder of finished shards, locked by this process; leftovers of killed workers are removed."""
    place.mkdir(parents=True, exist_ok=True)
    with locked(place / "lock", f"another process is collecting into {place}; wait for it, or stop it"):
        note = place / "origin.json"
        if note.exists() and json.loads(note.read_text()) != origin:
            raise DatasetError(
                f"{place} was started with another configuration or seed ({note}); "
                "use the same ones to resume, remove it to start over, or choose another folder"
            )
        layout.write_json(note, origin)
        for each in [*place.glob("*.partial-*"), place / "dataset"]:
            shutil.rmtree(each, ignore_errors=True)
        yield place


def _check_same(path: Path, origin: dict[str, object], episodes: int) -> None:
    """Raise DatasetError unless `path` is what this collection would make."""
    try:
        same = json.loads((path / layout.ORIGIN).read_text()) == origin
        same = same and json.loads((path / layout.INFO).read_text())["total_episodes"] == episodes
    except (OSError, ValueError, KeyError):
        same = False
    if not same:
        raise DatasetError(f"{path} already exists and has another origin; choose another folder, or remove it first")
