"""Laws of the goal grammar: what is written is read back, and what does not fit is told what would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import DIRECTIONS, KINDS, MOVABLE_KINDS, NAMES, Task, kind_of


def named(*kinds: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name in NAMES if kind_of(name) in kinds])


TASKS = st.one_of(
    st.builds(lambda name: Task("reach", name), named(*KINDS)),
    st.builds(lambda name: Task("lift", name), named(*MOVABLE_KINDS)),
    st.builds(
        lambda name, way: Task("push", name, direction=way), named(*MOVABLE_KINDS), st.sampled_from(sorted(DIRECTIONS))
    ),
    st.builds(lambda name, pad: Task("push_to", name, pad), named(*MOVABLE_KINDS), named("pad")),
    st.builds(lambda name, bin_: Task("place", name, bin_), named(*MOVABLE_KINDS), named("bin")),
    st.builds(lambda name, cube: Task("stack", name, cube), named("cylinder"), named("cube")),
    st.sampled_from([Task("home"), Task("none")]),
)


@given(TASKS)
def test_json_round_trip(task: Task) -> None:
    assert Task.from_json(task.to_json()) == task


@given(TASKS)
def test_words_name_all_that_is_needed(task: Task) -> None:
    words = task.words()
    assert all(name in words for name in task.names)
    assert "None" not in words


def test_there_are_24_names_each_a_colour_and_a_kind() -> None:
    assert len(set(NAMES)) == len(NAMES) == 24
    assert {kind_of(name) for name in NAMES} == set(KINDS)


def test_directions_are_unit_vectors_in_the_base_frame() -> None:
    assert DIRECTIONS["left"] == (0.0, 1.0)
    assert DIRECTIONS["forward"] == (1.0, 0.0)
    assert all(x * x + y * y == 1.0 for x, y in DIRECTIONS.values())


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ({"skill": "juggle"}, "unknown skill 'juggle'"),
        ({"skill": "lift", "object": "pink cube"}, "unknown object 'pink cube'"),
        ({"skill": "lift"}, "unknown object 'None'"),
        ({"skill": "push", "object": "red cube", "direction": "up"}, "unknown direction 'up'"),
        ({"skill": "home", "thing": "x"}, "unknown goal key 'thing'"),
    ],
)
def test_unknown_names_are_told_the_known_ones(goal: dict[str, str], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        Task.from_json(goal)


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ({"object": "red cube"}, "a goal needs a 'skill'"),
        ({"skill": "lift", "object": "red bin"}, "needs an object of kind cube or cylinder"),
        ({"skill": "place", "object": "red cube", "target": "blue pad"}, "needs a target of kind bin"),
        ({"skill": "home", "object": "red cube"}, "takes no object"),
        ({"skill": "lift", "object": "red cube", "target": "blue bin"}, "takes no target"),
        ({"skill": "lift", "object": "red cube", "direction": "left"}, "takes no direction"),
        ({"skill": "stack", "object": "red cube", "target": "red cube"}, "object and target are both"),
    ],
)
def test_what_does_not_fit_together_is_refused(goal: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Task.from_json(goal)
