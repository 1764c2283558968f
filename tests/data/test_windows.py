"""Windows stay inside their episode, labels inside their segment, and batches depend on seed and step alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.windows import WindowConfig, Windows, task_indices
from robot_wm.errors import DatasetError
from robot_wm.goals import DIRECTIONS, NAMES, SKILLS, Task
from tests.data import synthetic

ASTRAY = slice(3, None, 7)  # frames in which something else was done than the expert said
CONFIG = WindowConfig(steps=4, stride=2, chunk=6)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> EpisodeDataset:
    path: Path = tmp_path_factory.mktemp("data") / "set"
    synthetic.dataset(path, range(6))
    dataset = open_dataset(path)
    action = dataset.arrays["action.expert"] + 0.001
    action[ASTRAY] += 10.0
    return replace(dataset, arrays={**dataset.arrays, "action": action})


def followed(dataset: EpisodeDataset, t: int) -> bool:
    """Whether the expert was followed at frame t, or said nothing."""
    return t % 7 != 3 or not dataset.arrays["action.expert_valid"][t]


@pytest.fixture(scope="module")
def windows(dataset: EpisodeDataset) -> Windows:
    return Windows(dataset, CONFIG)


@pytest.fixture(scope="module")
def every(dataset: EpisodeDataset, windows: Windows) -> dict[str, np.ndarray]:
    """The window of every frame."""
    return windows.at(np.arange(len(dataset)), np.random.default_rng(0))


def test_shapes_are_as_documented(windows: Windows) -> None:
    batch = windows.batch(0, 0, 7)
    assert {name: each.shape for name, each in batch.items()} == {
        "index": (7, 5),
        "valid": (7, 5),
        "action": (7, 8, 2),
        "expert": (7, 6, 2),
        "expert_valid": (7, 6),
        "segment_start": (7,),
        "segment_stop": (7,),
        "steps_left": (7, 5),
        "task": (7, 4),
        "happened": (7, 4),
    }


def test_looks_agree_with_a_loop(dataset: EpisodeDataset, every: dict[str, np.ndarray]) -> None:
    arrays = dataset.arrays
    for t in range(len(dataset)):
        episode = arrays["episode_index"][t]
        stop, number = dataset.episode_stop[episode], arrays["segment_index"][t]
        for k, offset in enumerate(range(0, 9, 2)):
            assert every["valid"][t, k] == (t + offset < stop)
            assert every["index"][t, k] == min(t + offset, stop - 1)
        for k in range(8):
            assert (every["action"][t, k] == arrays["action"][min(t + k, stop - 1)]).all()
        for k in range(6):
            same = t + k < stop and arrays["segment_index"][t + k] == number
            kept = all(followed(dataset, before) for before in range(t, min(t + k, stop)))
            assert every["expert_valid"][t, k] == bool(same and kept and arrays["action.expert_valid"][t + k])
            if same:
                assert (every["expert"][t, k] == arrays["action.expert"][t + k]).all()


def test_steps_left_count_what_the_expert_needs_to_the_end_of_a_success(
    dataset: EpisodeDataset, every: dict[str, np.ndarray]
) -> None:
    table = dataset.segments
    for k in range(len(table)):
        left = every["steps_left"][table.start[k] : table.stop[k], 0]
        if table.success[k]:
            counts = [followed(dataset, t) for t in range(table.start[k], table.stop[k] - 1)]
            assert left.tolist() == [sum(counts[t:]) for t in range(len(left))]
        else:
            assert np.isnan(left).all()
    beyond = every["index"] >= every["segment_stop"][:, None]
    assert np.isnan(every["steps_left"][beyond]).all()


def test_tasks_are_those_of_the_segment(dataset: EpisodeDataset, every: dict[str, np.ndarray]) -> None:
    for t in range(len(dataset)):
        segment = dataset.segments.start.tolist().index(every["segment_start"][t])
        assert dataset.segments.start[segment] <= t < dataset.segments.stop[segment]
        assert tuple(every["task"][t]) == task_indices(dataset.segments.tasks[segment])
        happened = dataset.segments.happened[segment]
        allowed = [task_indices(task) for task in happened] or [(-1, -1, -1, -1)]
        assert tuple(every["happened"][t]) in allowed


def test_batches_depend_on_seed_and_step_alone(windows: Windows) -> None:
    batch, again = windows.batch(3, 5, 32), windows.batch(3, 5, 32)
    for name, values in batch.items():
        np.testing.assert_array_equal(values, again[name])
    assert (windows.batch(3, 6, 32)["index"] != batch["index"]).any()
    assert (windows.batch(4, 5, 32)["index"] != batch["index"]).any()


def test_only_chosen_episodes_are_drawn(dataset: EpisodeDataset) -> None:
    some = Windows(dataset, CONFIG, episodes=[4, 1])
    index = some.batch(0, 0, 500)["index"]
    assert set(dataset.arrays["episode_index"][index.ravel()]) == {1, 4}
    assert len(some) == sum(dataset.episode_stop[k] - dataset.episode_start[k] for k in (1, 4))
    with pytest.raises(DatasetError, match="no episodes chosen"):
        Windows(dataset, CONFIG, episodes=[])


def test_tasks_as_indices() -> None:
    red, green = NAMES.index("red cube"), NAMES.index("green cube")
    assert task_indices(Task("stack", "red cube", "green cube")) == (SKILLS.index("stack"), red, green, -1)
    left = list(DIRECTIONS).index("left")
    assert task_indices(Task("push", "red cube", direction="left")) == (SKILLS.index("push"), red, -1, left)
    assert task_indices(Task("none")) == (-1, -1, -1, -1)
