"""The same dataset comes out whatever the number of workers and interruptions."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from robot_wm.data import collecting
from robot_wm.data.collecting import Progress, collect, episode_seed
from robot_wm.data.dataset_writer import Episode
from robot_wm.data.episodes import open_dataset
from robot_wm.errors import DatasetError, RobotWMError
from tests.data import synthetic
from tests.data.lerobot_layout import check_layout

EPISODES = 45  # two whole shards and a part of one


@dataclass(frozen=True)
class Source:
    """Synthetic episodes; `dies_at` and `fails_at` are episode numbers at which things go wrong."""

    dies_at: int | None = None
    fails_at: int | None = None
    note: str = "synthetic"
    fps = synthetic.FPS
    features = synthetic.FEATURES

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], Episode]]:
        assert os.environ["OMP_NUM_THREADS"] == "1"
        yield self._episode

    def _episode(self, seed: int) -> Episode:
        if self.dies_at is not None and seed == episode_seed(0, self.dies_at):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fails_at is not None and seed == episode_seed(0, self.fails_at):
            raise ValueError("the cube has left the room")
        return synthetic.episode(seed)

    def arm(self) -> dict[str, object]:
        return {"description": {"name": "counter"}}

    def described(self) -> dict[str, object]:
        return {"note": self.note}


def content(path: Path) -> dict[Path, bytes]:
    return {each.relative_to(path): each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("collect") / "set"
    collect(Source(), path, EPISODES, seed=0, workers=1)
    return path


def test_it_holds_every_episode_and_leaves_nothing_else(uninterrupted: Path) -> None:
    check_layout(uninterrupted)
    assert [each.name for each in uninterrupted.parent.iterdir()] == ["set"]
    dataset = open_dataset(uninterrupted)
    assert dataset.n_episodes == EPISODES
    assert dataset.segments_of(41) == synthetic.episode(episode_seed(0, 41)).segments


def test_two_workers_write_the_same_bytes(tmp_path: Path, uninterrupted: Path) -> None:
    collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=2)
    assert content(tmp_path / "set") == content(uninterrupted)


def test_a_killed_worker_costs_its_shard_only(tmp_path: Path, uninterrupted: Path) -> None:
    with pytest.raises(RobotWMError, match="ended with status -9"):
        collect(Source(dies_at=30), tmp_path / "set", EPISODES, seed=0, workers=1)
    place = tmp_path / "set.collecting"
    assert not (tmp_path / "set").exists()
    assert (place / "episodes-000000-000020").exists() and not (place / "episodes-000020-000040").exists()
    assert list(place.glob("*.partial-*"))
    heard: list[Progress] = []
    collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=2, report=heard.append)
    assert heard[0] == Progress(20, 20, 0) and heard[-1].episodes == EPISODES
    assert content(tmp_path / "set") == content(uninterrupted)


def test_it_goes_on_after_the_parent_was_stopped(tmp_path: Path, uninterrupted: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.episodes == 43:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=2, report=stop)
    collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=2)
    assert content(tmp_path / "set") == content(uninterrupted)


def test_killed_while_joining_it_goes_on(tmp_path: Path, uninterrupted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(parts: list[Path], path: Path, origin: object) -> None:
        path.with_name("dataset.partial-1").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(collecting, "join", half)
        with pytest.raises(KeyboardInterrupt):
            collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=1)
    collect(Source(), tmp_path / "set", EPISODES, seed=0, workers=1)
    assert content(tmp_path / "set") == content(uninterrupted)


def test_done_is_done(uninterrupted: Path) -> None:
    before = content(uninterrupted)
    collect(Source(fails_at=0), uninterrupted, EPISODES, seed=0, workers=1)
    assert content(uninterrupted) == before


@pytest.mark.parametrize(("episodes", "seed"), [(EPISODES + 1, 0), (EPISODES, 1)])
def test_another_dataset_is_not_overwritten(uninterrupted: Path, episodes: int, seed: int) -> None:
    with pytest.raises(DatasetError, match="already exists and has another origin"):
        collect(Source(), uninterrupted, episodes, seed=seed, workers=1)


def test_another_configuration_cannot_go_on(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the cube has left the room"):
        collect(Source(fails_at=1), tmp_path / "set", 2, seed=0, workers=1)
    with pytest.raises(DatasetError, match="was started with another configuration or seed"):
        collect(Source(note="other"), tmp_path / "set", 2, seed=0, workers=1)


@pytest.mark.parametrize(("episodes", "workers"), [(0, 1), (1, 0)])
def test_nothing_to_do_is_an_error(tmp_path: Path, episodes: int, workers: int) -> None:
    with pytest.raises(DatasetError, match="at least 1 episode and 1 worker"):
        collect(Source(), tmp_path / "set", episodes, seed=0, workers=workers)


def test_seeds_of_episodes_are_their_own() -> None:
    assert len({episode_seed(seed, index) for seed in range(20) for index in range(200)}) == 4000
    assert all(0 <= episode_seed(3, index) < 2**63 for index in range(100))
