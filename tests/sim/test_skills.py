"""The simulator's table of skills: what play, suites and experts take from it."""

import pytest

from robot_wm.config import find_config, load_config
from robot_wm.errors import UnknownNameError
from robot_wm.goals import DECLARED, LIFT, NOTHING, PLACE, STACK
from sim.collect import CollectConfig
from sim.play import PlayConfig
from sim.skills import SIMULATED, simulated
from sim.suites import tabletop


def test_weights_of_play_are_fields_named_after_the_skills() -> None:
    config = PlayConfig(**{"home_weight": 0.6})
    assert [config.weight(skill.name) for skill in DECLARED] == [0.6, 1.5, 1.5, 0.8, 1.5, 1.5, 0.6]
    with pytest.raises(TypeError, match="juggle_weight"):
        PlayConfig(**{"juggle_weight": 1.0})


def test_configurations_of_play_may_set_weights() -> None:
    play = load_config(CollectConfig, find_config("collect", "driven")).play
    assert (play.weight("reach"), play.weight("stack"), play.weight("home")) == (0.3, 2.0, 0.2)


def test_an_unknown_weight_in_a_file_is_named_with_the_known_ones(tmp_path) -> None:
    path = tmp_path / "play.yaml"
    path.write_text("play: {juggle_weight: 1.0}\n")
    with pytest.raises(UnknownNameError, match=r"juggle_weight.*push_to_weight"):
        load_config(CollectConfig, path)


def test_suites_give_some_skills_less_time() -> None:
    assert tabletop().ticks_max_by_skill == {"reach": 100, "lift": 120, "home": 100}


def test_grasping_skills_are_those_that_hold_the_object() -> None:
    assert [each.skill for each in SIMULATED if each.grasps] == [LIFT, PLACE, STACK]


def test_every_skill_but_refusal_has_an_expert() -> None:
    assert all(each.expert is not None for each in SIMULATED)
    assert simulated(NOTHING).expert is None
