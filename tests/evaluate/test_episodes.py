"""The plan of a measurement: the same for every policy, fresh tables, nothing on them that must not be."""

import pytest

from robot_wm.errors import ConfigError
from robot_wm.evaluate.episodes import make_episodes
from robot_wm.evaluate.instructions import Line
from robot_wm.goals import SKILLS, TARGET_KINDS, Task, kind_of

LIFT = Line("lift the red cube", (Task("lift", "red cube"),))


def test_the_same_arguments_make_the_same_episodes() -> None:
    assert make_episodes(40, 7, None) == make_episodes(40, 7, None)
    assert make_episodes(40, 7, None) != make_episodes(40, 8, None)


def test_a_longer_measurement_begins_like_a_shorter_one() -> None:
    lines = [LIFT, Line("go home", (Task("home"),))]
    assert make_episodes(40, 7, lines)[:10] == make_episodes(10, 7, lines)


def test_tables_hold_what_is_needed_and_never_a_crowd() -> None:
    for episode in make_episodes(300, 3, None):
        assert set(episode.line.names) <= set(episode.names)
        assert 2 <= len(episode.names) <= 5
        assert len(set(episode.names)) == len(episode.names)
        assert sum(kind_of(name) in TARGET_KINDS for name in episode.names) <= 3


def test_skills_take_turns_and_neighbours_share_a_table() -> None:
    episodes = make_episodes(14, 3, None)
    assert [episode.line.kind for episode in episodes] == list(SKILLS) * 2
    for first, second in zip(episodes[::2], episodes[1::2], strict=True):
        assert (first.table, first.seed, first.names) == (second.table, second.seed, second.names)
        assert first.said.instruction != second.said.instruction


def test_lines_are_gone_round_with_fresh_tables() -> None:
    episodes = make_episodes(6, 3, [LIFT, Line("go home", (Task("home"),))])
    assert len({episode.seed for episode in episodes}) == 6


def test_neighbours_with_the_same_scene_share_a_table_each_round() -> None:
    scene = ("red cube", "blue cube")
    lines = [
        Line("lift the red one", (Task("lift", "red cube"),), scene),
        Line("lift the blue one", (Task("lift", "blue cube"),), scene),
    ]
    episodes = make_episodes(4, 3, lines)
    assert [episode.table for episode in episodes] == [0, 0, 1, 1]
    assert all(episode.names == scene for episode in episodes)


def test_shuffling_gives_each_what_was_meant_for_another_on_its_table() -> None:
    plain, shuffled = make_episodes(20, 3, None), make_episodes(20, 3, None, shuffle=True)
    for before, after in zip(plain, shuffled, strict=True):
        assert (before.line, before.seed, before.names) == (after.line, after.seed, after.names)
        assert after.said != after.line
    assert sorted(e.said.instruction for e in shuffled) == sorted(e.said.instruction for e in plain)


def test_there_must_be_something_to_shuffle() -> None:
    with pytest.raises(ConfigError, match="nothing to shuffle"):
        make_episodes(4, 3, [LIFT], shuffle=True)


def test_a_refusal_is_not_helped_by_chance() -> None:
    """An instruction to be refused that names a colour meets a table without it."""
    line = Line("push the violet cube left", (Task("none"),))
    for episode in make_episodes(60, 3, [line]):
        assert not any(name.startswith("purple") for name in episode.names)


def test_going_home_starts_away_from_home() -> None:
    assert [e.away for e in make_episodes(7, 3, None)] == [skill == "home" for skill in SKILLS]


def test_no_episodes_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="at least 1, received 0"):
        make_episodes(0, 1, None)
