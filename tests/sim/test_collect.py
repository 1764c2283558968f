"""Episodes of play have the dataset's features, depend on their seed only, and record what really happened."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from robot_wm.data.dataset_writer import Episode
from robot_wm.goals import NAMES, Task
from robot_wm.language.wordings import caption
from sim import collect
from sim.collect import CollectConfig, PlayEpisodes
from sim.play import PlayConfig, Segment
from sim.scene import SceneConfig

SOURCE = PlayEpisodes(SceneConfig(), CollectConfig(play=PlayConfig(goals_min=1, goals_max=2, ticks_max=12)))


@pytest.fixture(scope="module")
def make() -> Iterator[Callable[[int], Episode]]:
    with SOURCE.opened() as make_episode:
        yield make_episode


@pytest.fixture(scope="module")
def episode(make: Callable[[int], Episode]) -> Episode:
    return make(7)


def test_episodes_have_the_declared_features(episode: Episode) -> None:
    tables = {each.name: each for each in SOURCE.features if not each.is_video}
    assert set(episode.columns) == set(tables)
    for name, feature in tables.items():
        feature.check(episode.columns[name], episode.length)
    for feature in (each for each in SOURCE.features if each.is_video):
        pictures = episode.pictures[feature.name]
        feature.check(pictures, episode.length)
        assert pictures.std() > 5.0  # there is something to see
        assert (pictures[0] != pictures[-1]).any()  # and it moves


def test_an_episode_depends_on_its_seed_only(make: Callable[[int], Episode], episode: Episode) -> None:
    other, again = make(8), make(7)
    assert again.segments == episode.segments
    for name, values in episode.columns.items():
        assert values.tobytes() == again.columns[name].tobytes()
    for name, pictures in episode.pictures.items():
        assert pictures.tobytes() == again.pictures[name].tobytes()
    assert other.columns["observation.state"].tobytes() != episode.columns["observation.state"].tobytes()


def test_the_table_lists_the_things_present(episode: Episode) -> None:
    table = episode.columns["observation.environment_state"].reshape(episode.length, len(NAMES), -1)
    present = {NAMES[row] for row in np.flatnonzero(table[0, :, 0])}
    wanted = {name for part in episode.segments for name in part.task.names}
    assert wanted <= present


def test_captions_start_with_the_goal() -> None:
    wanted, other = Task("lift", "red cube"), Task("reach", "red cube")
    played = Segment(wanted, 0, 0, 9, True, False, (other, wanted))
    told = collect._segment(played, 3, np.random.default_rng(0))
    assert told.happened == (wanted, other)
    assert len(told.captions) == 6
    rng = np.random.default_rng(0)
    assert told.captions == tuple(caption(task, rng) for task in (wanted, other) for _ in range(3))
    nothing = collect._segment(replace(played, success=False, happened=()), 3, np.random.default_rng(0))
    assert (nothing.captions, nothing.words) == ((), "lift the red cube")


def test_a_table_without_a_goal_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries = collect.playing.play, []

    def reluctant(*args: object) -> Iterator[object]:
        tries.append(args)
        return iter(()) if len(tries) < 3 else real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(collect.playing, "play", reluctant)
    with SOURCE.opened() as make_episode:
        assert make_episode(0).length > 0
    assert len(tries) == 3


def test_the_shipped_configuration_is_a_source() -> None:
    source = collect.source("tabletop")
    assert source.described()["collect"] == {**source.described()["collect"], "scene": "tabletop"}  # type: ignore[dict-item]
    assert source.scene.name == "tabletop"
