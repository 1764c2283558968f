"""Experts reach their goals on the real physics, and recover from disturbances."""

import numpy as np
import pytest

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, CartesianActions
from robot_wm.goals import DIRECTIONS, Task
from sim.expert import Expert
from sim.judge import Judge
from sim.scene import Scene
from tests.sim.driving import TICK_S, solved

NAMES = ("red cube", "green cube", "blue bin", "yellow pad")
TASKS = (
    Task("reach", "red cube"),
    Task("reach", "blue bin"),
    *(Task("push", "red cube", direction=each) for each in DIRECTIONS),
    Task("push_to", "red cube", "yellow pad"),
    Task("lift", "red cube"),
    Task("place", "red cube", "blue bin"),
    Task("stack", "red cube", "green cube"),
)


@pytest.mark.parametrize("task", TASKS, ids=Task.words)
def test_an_expert_reaches_its_goal(scene: Scene, task: Task) -> None:
    reached = []
    for seed in range(4):
        scene.reset(seed, NAMES)
        reached.append(solved(scene, task))
    assert sum(reached) >= 3


def test_home_is_reached_from_elsewhere(scene: Scene) -> None:
    scene.reset(1, NAMES)
    assert solved(scene, Task("lift", "red cube"))
    assert solved(scene, Task("home"))


@pytest.mark.parametrize("task", [TASKS[5], TASKS[7], TASKS[8]], ids=Task.words)
def test_an_expert_recovers_from_a_bump(scene: Scene, task: Task) -> None:
    scene.reset(5, NAMES)

    def bump(tick: int) -> None:
        if tick == 4:
            scene.nudge("red cube", [0.0, 0.3])

    assert solved(scene, task, disturb=bump)


def test_an_expert_picks_up_what_it_dropped(scene: Scene) -> None:
    scene.reset(2, NAMES)
    task, actions = Task("place", "red cube", "blue bin"), CartesianActions(scene.kinematics)

    def drop(tick: int) -> None:
        if scene.things()["red cube"].position_m[2] > 0.045 and not dropped:
            dropped.append(tick)
            for _ in range(4):
                let_go = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
                scene.arm.command(actions.target(let_go, scene.arm.read(), scene.arm.sent))
                scene.advance(TICK_S)

    dropped: list[int] = []
    assert solved(scene, task, disturb=drop)
    assert dropped


def test_a_held_thing_is_put_down_first(scene: Scene) -> None:
    scene.reset(4, NAMES)
    assert solved(scene, Task("lift", "red cube"))
    assert solved(scene, Task("reach", "green cube"))
    assert scene.things()["red cube"].position_m[2] < 0.025


def test_actions_are_within_bounds_and_depend_on_the_state_only(scene: Scene) -> None:
    scene.reset(6, NAMES)
    expert, again = Expert(TASKS[8], scene), Expert(TASKS[8], scene, np.random.default_rng(1))
    for _ in range(20):
        action = expert.act()
        assert action.dtype == np.float32
        assert (action >= ACTION_LOW - 1e-6).all()
        assert (action <= ACTION_HIGH + 1e-6).all()
        np.testing.assert_array_equal(action, again.act())
        scene.arm.command(CartesianActions(scene.kinematics).target(action, scene.arm.read(), scene.arm.sent))
        scene.advance(TICK_S)


def test_without_a_goal_it_holds_still(scene: Scene) -> None:
    scene.reset(0, NAMES)
    np.testing.assert_array_equal(Expert(Task("none"), scene).act()[:4], np.zeros(4))
    assert Judge(Task("none"), scene).update()
