"""PyBullet as an engine: the same table, nothing constrained, repeatable, follows changes of the data."""

import mujoco
import numpy as np
import pytest

from robot_wm.errors import DeviceError
from sim.bullet.engine import BulletEngine
from sim.scene import Scene, SceneConfig

NAMES = ("red cube", "green cylinder", "blue bin", "yellow pad")


def _engine(scene: Scene) -> BulletEngine:
    assert isinstance(scene._engine, BulletEngine)
    return scene._engine


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_table_in_both_simulators(scene: Scene, mujoco_scene: Scene, seed: int) -> None:
    scene.reset(seed)
    mujoco_scene.reset(seed)
    ours, theirs = scene.things(), mujoco_scene.things()
    assert list(ours) == list(theirs)
    for name, thing in theirs.items():
        np.testing.assert_allclose(ours[name].position_m, thing.position_m, atol=5e-4)
        assert ours[name].yaw_rad == pytest.approx(thing.yaw_rad, abs=5e-3)
        assert ours[name].half_width_m == thing.half_width_m
    for field in ("body_mass", "geom_rgba", "cam_pos", "light_dir", "actuator_gainprm"):
        np.testing.assert_array_equal(getattr(scene._model, field), getattr(mujoco_scene._model, field))


def test_things_stay_where_they_lie(scene: Scene) -> None:
    scene.reset(3, NAMES)
    before = scene.things()
    scene.advance(2.0)
    for name, thing in scene.things().items():
        np.testing.assert_allclose(thing.position_m, before[name].position_m, atol=3e-4)
        assert thing.speed_m_s < 1e-3


def test_the_same_seed_gives_the_same_motion(scene: Scene) -> None:
    ends = []
    for _ in range(2):
        scene.reset(5, NAMES)
        scene.nudge("red cube", (0.2, 0.2))
        scene.arm.servos.command(np.full(6, 0.3))
        scene.advance(0.5)
        ends.append(scene.state())
    np.testing.assert_array_equal(*ends)


def test_nothing_is_welded(scene: Scene) -> None:
    scene.reset(0, NAMES)
    assert _engine(scene).current().getNumConstraints() == 0


def test_a_bump_moves_a_thing_some_centimetres_until_friction_stops_it(scene: Scene) -> None:
    scene.reset(0, NAMES)
    before = scene.things()["red cube"].position_m
    scene.nudge("red cube", (0.0, 0.4))
    scene.advance(1.0)
    after = scene.things()["red cube"]
    assert 0.005 < after.position_m[1] - before[1] < 0.1
    assert after.speed_m_s < 1e-2


def test_a_turning_thing_keeps_its_axis_of_turning(scene: Scene) -> None:
    """Angular velocity is in the thing's own frame in the data and in the base frame in PyBullet."""
    scene.reset(0, ["red cube"])
    address, turn = int(scene._model.joint("movable0").qposadr[0]), np.empty(4)
    mujoco.mju_axisAngle2Quat(turn, np.array([1.0, 0.0, 0.0]), np.pi / 2)  # own y is base z
    scene._data.qpos[address + 2 : address + 7] = [0.3, *turn]
    scene._data.qvel[int(scene._model.joint("movable0").dofadr[0]) + 4] = 2.0
    scene.advance(0.02)
    client, thing = _engine(scene).current(), _engine(scene)._things[0]
    _, angular = client.getBaseVelocity(thing.body)
    np.testing.assert_allclose(angular[:2], 0.0, atol=0.01)
    assert angular[2] > 1.0
    np.testing.assert_allclose(scene._data.qvel[thing.qvel][[3, 5]], 0.0, atol=0.01)
    assert scene._data.qvel[thing.qvel][4] == pytest.approx(angular[2])


def test_a_cylinder_stands_on_a_cube(scene: Scene) -> None:
    scene.reset(3, ["red cube", "green cylinder"])
    cube, tall_m = scene.things()["red cube"], scene.things()["green cylinder"].half_height_m
    address = int(scene._model.joint("movable1").qposadr[0])
    scene._data.qpos[address : address + 3] = cube.position_m + np.array([0, 0, cube.half_height_m + tall_m + 1e-3])
    scene.advance(2.0)
    top_m = scene.things()["green cylinder"].position_m[2]
    assert top_m == pytest.approx(2 * cube.half_height_m + tall_m, abs=1e-3)


def test_a_restored_state_continues_almost_identically(scene: Scene) -> None:
    """Nearly: PyBullet's memory of contacts is not in the state."""
    scene.reset(0, NAMES)
    scene.nudge("red cube", (0.3, 0.0))
    scene.advance(0.2)
    state = scene.state()
    scene.advance(0.4)
    end = scene.things()["red cube"].position_m
    scene.set_state(state)
    assert scene.clock.now_s() == pytest.approx(0.2)
    scene.advance(0.4)
    np.testing.assert_allclose(scene.things()["red cube"].position_m, end, atol=2e-3)


def test_unstable_physics_raises(scene: Scene) -> None:
    scene.reset(0, ["red cube"])
    address = int(scene._model.joint("movable0").qposadr[0])
    scene._data.qpos[address] = np.nan
    with pytest.raises(DeviceError, match=r"unstable at .* reset the scene"):
        scene.advance(0.02)
    scene.reset(0, ["red cube"])
    scene.advance(0.02)


def test_a_closed_engine_can_begin_again() -> None:
    scene = Scene(SceneConfig(), BulletEngine)
    scene.reset(2, ["red cube"])
    before = scene.render("overview")
    scene.close()
    np.testing.assert_array_equal(scene.render("overview"), before)
    scene.close()
