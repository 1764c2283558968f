"""Random windows of a dataset for training, as plain numpy arrays; the same seed and step give the same batch.

A window starts at some frame t and looks at frames t, t + stride, ..., t + stride * steps of the same episode.
Knows no network; the pictures of its frames (`index`) are fetched separately, since not every loss needs them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.data.episodes import EpisodeDataset
from robot_wm.errors import DatasetError
from robot_wm.goals import DIRECTIONS, NAMES, SKILLS, Task

_ABOUT = 0.2  # of half the range of expert actions: executed actions that differ by less follow the expert
Batch = dict[str, np.ndarray]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WindowConfig:
    """The extent of a window; ticks are frames, 0.1 s apart at 10 Hz."""

    steps: int = 5  # observations ahead, H
    stride: int = 2  # ticks between observations
    chunk: int = 10  # ticks of expert labels, C


class Windows:
    """Draws batches of windows from the frames of `episodes` (all of them where None)."""

    def __init__(
        self,
        dataset: EpisodeDataset,
        config: WindowConfig,
        episodes: Iterable[int] | None = None,
    ) -> None:
        chosen = np.arange(dataset.n_episodes) if episodes is None else np.array(sorted(episodes), np.int64)
        if len(chosen) == 0:
            raise DatasetError(f"no episodes chosen from {dataset.path}, which has {dataset.n_episodes}")
        self._config = config
        starts, stops = dataset.episode_start[chosen], dataset.episode_stop[chosen]
        self._frames = np.concatenate([np.arange(a, b) for a, b in zip(starts, stops, strict=True)])
        self._arrays = {
            "action": dataset.arrays["action"],
            "expert": dataset.arrays["action.expert"],
        }
        self._labelled = dataset.arrays["action.expert_valid"][:, 0].astype(bool)
        self._followed = ~self._labelled | _near(self._arrays["action"], self._arrays["expert"])
        self._followed_before = np.concatenate([[0], np.cumsum(self._followed)])  # rows up to here
        self._episode_stop = dataset.episode_stop
        self._episode = dataset.arrays["episode_index"]
        self._segments = dataset.segments
        self._segment = _segment_rows(dataset)
        self._task = np.array([task_indices(task) for task in dataset.segments.tasks])
        self._happened, self._happened_count = _padded(dataset.segments.happened)

    def __len__(self) -> int:
        """Frames a window can start at."""
        return len(self._frames)

    def batch(self, seed: int, step: int, size: int) -> Batch:
        """Return B = size windows with uniformly drawn starts. K = steps + 1 observations, J = steps * stride ticks:

        index (B, K) int64         row of the dataset of each observation, clamped to the episode's last frame
        valid (B, K) bool          whether the observation is inside the episode
        action (B, J, 5)           executed at ticks t, t + 1, ..., the last one repeated past the episode's end
        expert (B, C, 5)           the expert's action at ticks t, t + 1, ...; expert_valid (B, C) bool: there is one,
                                   the tick is in the segment of t, and the expert was followed up to it: expert actions
                                   after somebody else's action form no chunk
        segment_start, segment_stop (B,) int64    rows of the dataset, of t's segment, the stop exclusive
        steps_left (B, K) float32  ticks from each observation to the last frame of t's segment in which the
                                   expert was followed, if the segment succeeded and contains it; else NaN
        task (B, 4) int64          the goal: skill, object, target, direction as by `task_indices`
        happened (B, 4) int64      one of the goals reached in the segment, drawn uniformly; all -1 if none
        """
        rng = np.random.default_rng([seed, step])
        return self.at(self._frames[rng.integers(len(self._frames), size=size)], rng)

    def at(self, t: Ints, rng: np.random.Generator) -> Batch:
        """Return the windows that start at the frames `t` (B,); `rng` draws one of the goals that were reached."""
        config, segment, episode = self._config, self._segment[t], self._episode[t]
        first, stop = self._segments.start[segment], self._segments.stop[segment]
        index, valid = self._ahead(t, np.arange(config.steps + 1) * config.stride, episode)
        ticks, _ = self._ahead(t, np.arange(config.steps * config.stride), episode)
        labels, inside = self._ahead(t, np.arange(config.chunk), episode)
        last = self._followed_before[stop - 1]
        left = np.where(valid & (index < stop[:, None]), last[:, None] - self._followed_before[index], np.nan)
        kept = np.cumprod(np.hstack([np.ones((len(t), 1), bool), self._followed[labels[:, :-1]]]), axis=1, dtype=bool)
        draw = (rng.random(len(t)) * np.maximum(self._happened_count[segment], 1)).astype(np.int64)
        return {
            "index": index,
            "valid": valid,
            "action": self._arrays["action"][ticks],
            "expert": self._arrays["expert"][labels],
            "expert_valid": inside & kept & (self._segment[labels] == segment[:, None]) & self._labelled[labels],
            "segment_start": first,
            "segment_stop": stop,
            "steps_left": np.where(self._segments.success[segment][:, None], left, np.nan).astype(np.float32),
            "task": self._task[segment],
            "happened": self._happened[segment, draw],
        }

    def _ahead(self, t: Ints, offsets: Ints, episode: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return rows t + offsets, clamped to the last frame of their episode, and whether they were inside it."""
        rows, stop = t[:, None] + offsets, self._episode_stop[episode][:, None]
        return np.minimum(rows, stop - 1), rows < stop


def _near(done: NDArray[np.floating], said: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which executed actions (N, a) follow the expert's; with jitter they do, in a burst of wrong motion not."""
    half = np.maximum(0.5 * np.ptp(said, axis=0), 1e-9)
    return (np.abs(done - said) / half).max(axis=1) < _ABOUT


def task_indices(task: Task) -> tuple[int, int, int, int]:
    """Return the indices of skill in SKILLS, object and target in NAMES, direction in DIRECTIONS; -1 if absent."""
    return (
        _index(SKILLS, task.skill),
        _index(NAMES, task.object),
        _index(NAMES, task.target),
        _index(tuple(DIRECTIONS), task.direction),
    )


def _index(names: tuple[str, ...], name: str | None) -> int:
    return names.index(name) if name in names else -1


def _segment_rows(dataset: EpisodeDataset) -> Ints:
    """(N,) row of each frame's segment in the segment table, whose rows follow the frames."""
    lengths = dataset.segments.stop - dataset.segments.start
    rows = np.repeat(np.arange(len(lengths)), lengths)
    if len(rows) != len(dataset):
        raise DatasetError(f"the segments of {dataset.path} cover {len(rows)} of its {len(dataset)} frames")
    return rows


def _padded(happened: tuple[tuple[Task, ...], ...]) -> tuple[Ints, Ints]:
    """(S, M, 4) indices of what happened, -1 where there are fewer than M, and how many there are (S,)."""
    count = np.array([len(each) for each in happened], np.int64)
    padded = np.full((len(happened), max(1, int(count.max(initial=0))), 4), -1, np.int64)
    for row, tasks in enumerate(happened):
        for column, task in enumerate(tasks):
            padded[row, column] = task_indices(task)
    return padded, count
