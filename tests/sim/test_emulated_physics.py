"""The MuJoCo scene as the physics of the emulated bus: the torque law, and one scene shared with judge and servos."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest

from robot_wm import registry
from robot_wm.goals import Task
from robot_wm.types import Floats
from sim.emulated_physics import EmulatedScene, mujoco_world

TICK_S = 0.005


@dataclass(frozen=True)
class Asked:
    """Drives that do nothing but what they are told."""

    set_point_rad: Floats
    gain_n_m_rad: Floats
    damping_n_m_s_rad: Floats
    feed_n_m: Floats
    low_n_m: Floats
    high_n_m: Floats
    brake_n_m: Floats


@pytest.fixture(scope="module")
def world() -> Iterator[EmulatedScene]:
    world = mujoco_world()
    yield world
    world.close()


def run(world: EmulatedScene, ticks: int, **values: float | list[float]) -> None:
    """Run ticks under constant drives; a number stands for all joints."""
    usual: dict[str, Any] = {field.name: 0.0 for field in fields(Asked)}
    usual |= {"set_point_rad": world.angles(), "low_n_m": -3.0, "high_n_m": 3.0, **values}
    order = Asked(**{name: np.broadcast_to(value, len(world.joint_names)) for name, value in usual.items()})
    for _ in range(ticks):
        world.step(order)


def test_a_tick_is_5_ms_of_the_worlds_time(world: EmulatedScene) -> None:
    world.reset(0)
    for camera in world.cameras.values():
        camera.connect()
    before_s = world.cameras["wrist"].read().stamp_s
    run(world, 20, gain_n_m_rad=60.0)
    assert world.cameras["wrist"].read().stamp_s - before_s == pytest.approx(20 * TICK_S)


def test_torques_follow_the_law_within_their_limits(world: EmulatedScene) -> None:
    world.reset(0)
    run(world, 1, feed_n_m=[0.1, -0.2, 5.0, 0.0, 0.0, 0.0], high_n_m=1.5)
    assert world.torques()[:3] == pytest.approx([0.1, -0.2, 1.5])


def test_a_gain_holds_the_pose_and_without_it_the_arm_sinks(world: EmulatedScene) -> None:
    world.reset(0)
    start = world.angles()
    run(world, 100, gain_n_m_rad=60.0, damping_n_m_s_rad=1.6)
    assert np.abs(world.angles() - start).max() < np.deg2rad(1.5)
    run(world, 100, low_n_m=0.0, high_n_m=0.0)
    assert np.abs(world.angles() - start).max() > np.deg2rad(3.0)


def test_friction_holds_an_undriven_joint(world: EmulatedScene) -> None:
    world.reset(0)
    start = world.angles()
    run(world, 100, low_n_m=0.0, high_n_m=0.0, brake_n_m=100.0)
    assert np.abs(world.angles() - start).max() < np.deg2rad(0.5)


def test_a_reset_brings_back_the_same_table_and_pose(world: EmulatedScene) -> None:
    world.reset(4)
    names, start = world.names, world.angles()
    run(world, 50, feed_n_m=1.0)
    world.reset(4)
    assert world.names == names
    np.testing.assert_array_equal(world.angles(), start)


def test_the_judge_and_the_oracle_belong_to_the_same_scene(world: EmulatedScene) -> None:
    world.reset(1, ["red cube", "blue bin"])
    judge = world.judge(Task("reach", "red cube"))
    assert not judge.already_done and world.expert(Task("reach", "red cube"), 0) is not None
    assert world.picture().ndim == 3 and world.spec.joint_names == world.joint_names[:-1]


def test_it_is_found_by_entry_point() -> None:
    assert registry.find("robot_wm.physics", "mujoco") is mujoco_world
