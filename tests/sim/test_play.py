"""Play: the order of its items, its disturbances, and that a seed determines it."""

import numpy as np

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.goals import SKILLS
from sim.disturbances import DisturbanceConfig, Disturbances
from sim.feasible import feasible, feasible_tasks
from sim.play import PlayConfig, Segment, Tick, draw_names, play
from sim.scene import Scene
from sim.snapshot import Snapshot

SHORT = PlayConfig(goals_min=2, goals_max=2)


def test_segments_tile_the_ticks(scene: Scene) -> None:
    ticks, end = 0, 0
    for item in play(scene, np.random.default_rng(0), SHORT):
        if isinstance(item, Tick):
            ticks += 1
            assert (item.executed_action >= ACTION_LOW - 1e-6).all()
            assert (item.executed_action <= ACTION_HIGH + 1e-6).all()
        else:
            assert (item.first_tick, item.end_tick) == (end, ticks)
            assert item.success == (item.task in item.happened)
            end = item.end_tick
    assert 0 < end == ticks


def test_play_is_determined_by_its_seed(scene: Scene) -> None:
    def actions() -> np.ndarray:
        items = play(scene, np.random.default_rng(7), SHORT)
        return np.array([item.executed_action for item in items if isinstance(item, Tick)])

    np.testing.assert_array_equal(actions(), actions())


def test_most_goals_are_reached_in_spite_of_the_noise(scene: Scene) -> None:
    items = [item for seed in range(3) for item in play(scene, np.random.default_rng(seed), SHORT)]
    segments = [item for item in items if isinstance(item, Segment) and not item.abandoned]
    assert np.mean([segment.success for segment in segments]) >= 0.7


def test_disturbances_do_not_change_the_label() -> None:
    disturbances = Disturbances(
        DisturbanceConfig(clean_probability=0.0, burst_probability=1.0), np.random.default_rng(0)
    )
    wise = np.array([0.01, 0.0, 0.0, 0.0, 1.0], dtype=np.float32)
    disturbed = disturbances.apply(wise)
    assert not np.array_equal(disturbed[:3], wise[:3])
    np.testing.assert_array_equal(wise, np.array([0.01, 0.0, 0.0, 0.0, 1.0], dtype=np.float32))


def test_a_clean_segment_has_no_disturbances() -> None:
    disturbances = Disturbances(DisturbanceConfig(clean_probability=1.0), np.random.default_rng(0))
    wise = np.zeros(5, dtype=np.float32)
    assert all(disturbances.apply(wise) is wise for _ in range(50))


def test_drawn_names_include_what_the_skill_needs() -> None:
    rng = np.random.default_rng(0)
    for skill in SKILLS:
        names = draw_names(rng, skill, PlayConfig(), things_max=5)
        assert 1 <= len(set(names)) == len(names) <= 5


def test_goals_out_of_reach_or_done_are_not_feasible(scene: Scene) -> None:
    scene.reset(0, ["red cube", "blue bin"])
    now = Snapshot.of(scene)
    tasks = feasible_tasks(now, scene.arm.spec, scene.reach, scene.hand)
    assert "home" not in {task.skill for task in tasks}  # it is there already
    assert all(feasible(task, now, scene.arm.spec, scene.reach, scene.hand) for task in tasks)
