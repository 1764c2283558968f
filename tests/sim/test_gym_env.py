"""The Gymnasium environment passes Gymnasium's checker and rewards a goal once."""

from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from robot_wm.goals import Task
from sim.expert import Expert
from sim.gym_env import ENV_ID, GOAL_BITS, TabletopEnv, goal_bits, register


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    register()
    made = gymnasium.make(ENV_ID, render_mode="rgb_array", disable_env_checker=True)
    assert isinstance(made.unwrapped, TabletopEnv)
    yield made.unwrapped
    made.close()


def test_gymnasiums_checker_passes(env: TabletopEnv) -> None:
    check_env(env)  # a warning is an error here


def test_registering_is_idempotent(env: TabletopEnv) -> None:
    register()
    assert ENV_ID in gymnasium.registry


def test_the_expert_earns_a_reward_of_one(env: TabletopEnv) -> None:
    _, info = env.reset(seed=3)
    expert = Expert(env.task, env.scene)
    rewards, over = [], False
    while not over and len(rewards) < 120:
        _, reward, over, _, info = env.step(expert.act())
        rewards.append(reward)
    assert sum(rewards) == 1.0
    assert info["success"]


def test_goal_bits_distinguish_tasks() -> None:
    bits = goal_bits(Task("push", "red cube", direction="left"))
    assert bits.shape == (GOAL_BITS,)
    assert bits.sum() == 3
    assert not np.array_equal(bits, goal_bits(Task("push", "red cube", direction="right")))
