"""Laws of the scene: determined by the seed, no trace of the last episode, at rest unless disturbed, real physics."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from robot_wm.errors import ConfigError, DeviceError, UnknownNameError
from robot_wm.goals import NAMES
from robot_wm.types import ArmTarget
from sim.predicates import on_table
from sim.scene import Scene, SceneConfig
from sim.snapshot import Snapshot

ALL_KINDS = ("red cube", "green cylinder", "blue pad", "yellow bin")


@pytest.fixture(scope="module")
def shared() -> Iterator[Scene]:
    scene = Scene(SceneConfig())
    yield scene
    scene.close()


@pytest.fixture
def scene(shared: Scene) -> Scene:
    shared.reset(0, ALL_KINDS)
    return shared


def test_the_same_seed_gives_the_same_scene_after_any_episode(scene: Scene) -> None:
    fresh = Scene(SceneConfig())
    fresh.reset(5)
    scene.advance(0.3)
    scene.reset(5)
    assert fresh.names == scene.names
    for _ in range(2):
        np.testing.assert_array_equal(fresh.state(), scene.state())
        np.testing.assert_array_equal(fresh.render("overview"), scene.render("overview"))
        for world in (fresh, scene):
            world.advance(0.5)
    fresh.close()


def test_other_seeds_give_other_scenes(scene: Scene) -> None:
    before = scene.table()
    scene.reset(1, ALL_KINDS)
    assert not np.allclose(before, scene.table())


def test_exactly_the_requested_things_are_on_the_table(scene: Scene) -> None:
    assert scene.names == ALL_KINDS == tuple(scene.things())
    with pytest.raises(UnknownNameError, match="unknown thing 'red ball'"):
        scene.reset(0, ["red ball"])


def test_the_table_has_the_poses_and_sizes_of_the_things(scene: Scene) -> None:
    table, things = scene.table(), scene.things()
    assert table.shape == (24, 6) and table.dtype == np.float32
    assert {NAMES[row] for row in np.flatnonzero(table[:, 0])} == set(ALL_KINDS)
    assert not table[table[:, 0] == 0].any()
    row = table[NAMES.index("red cube")]
    np.testing.assert_allclose(row[1:4], things["red cube"].position_m, rtol=1e-6)
    assert row[4] == pytest.approx(things["red cube"].yaw_rad) and row[5] == pytest.approx(
        things["red cube"].half_width_m
    )


def test_things_stand_on_the_table_and_stay_where_they_are(scene: Scene) -> None:
    before = scene.things()
    scene.advance(3.0)
    for name, thing in scene.things().items():
        assert thing.position_m[2] == pytest.approx(thing.half_height_m, abs=5e-4)
        assert np.linalg.norm(thing.position_m - before[name].position_m) < 2e-4
        assert thing.speed_m_s < 1e-3


def test_the_arm_is_connected_at_rest_and_holds(scene: Scene) -> None:
    spec = scene.arm.spec
    scene.advance(1.0)
    np.testing.assert_allclose(scene.arm.read().q_rad, spec.q_rest_rad, atol=0.03)
    assert scene.kinematics.tilt(scene.arm.read().q_rad) < 0.05


def test_time_starts_at_zero_and_the_clock_moves_it(scene: Scene) -> None:
    assert scene.clock.now_s() == 0.0
    scene.clock.wait_until(0.3)
    assert scene.clock.now_s() == pytest.approx(0.3)
    scene.clock.wait_until(0.1)
    assert scene.clock.now_s() == pytest.approx(0.3)


def test_nothing_is_welded_or_constrained(scene: Scene) -> None:
    assert scene._model.neq == 0 and scene._model.ntendon == 0
    cube = scene._model.body(scene._slots["red cube"].body)
    assert cube.dofnum[0] == 6
    assert not scene._data.xfrc_applied.any() and not scene._data.qfrc_applied.any()


def test_unused_things_have_no_weight_and_no_contacts(scene: Scene) -> None:
    scene.reset(0, ["red cube"])
    scene.advance(0.5)
    away = [f"movable{slot}" for slot in range(1, 5)]
    for name in away:
        assert scene._data.body(name).xpos[2] < -0.4
        assert np.linalg.norm(scene._data.joint(name).qvel) < 1e-9
    touching = {int(geom) for pair in scene._data.contact.geom for geom in pair}
    assert not touching & {scene._model.geom(name).id for name in away}


def test_a_restored_state_continues_identically(scene: Scene) -> None:
    scene.nudge("red cube", (0.3, 0.0))
    scene.advance(0.2)
    state = scene.state()
    scene.advance(0.4)
    end = scene.state()
    scene.set_state(state)
    scene.advance(0.4)
    np.testing.assert_array_equal(scene.state(), end)
    with pytest.raises(ConfigError, match="take it from state"):
        scene.set_state(state[:-1])


def _handed_out(scene: Scene) -> list[np.ndarray]:
    """Return every array that a scene and its arm hand out."""
    state, sent, now = scene.arm.read(), scene.arm.sent, Snapshot.of(scene)
    assert state.effort is not None
    arrays = [state.q_rad, state.dq_rad_s, state.effort, sent.q_rad, now.tool_m, now.q_rad, scene.tool().position_m]
    arrays += [thing.position_m for thing in (*now.things.values(), *scene.things().values())]
    return [*arrays, scene.table(), scene.camera_poses(), scene.state(), scene.tool_m(), scene.render("overview")]


def _stir(scene: Scene) -> None:
    """Move everything that moves."""
    scene.nudge("red cube", (0.3, 0.1))
    scene.arm.command(ArmTarget(scene.arm.sent.q_rad + 0.1, 0.8))
    scene.advance(0.1)


def test_returned_arrays_do_not_change_later(scene: Scene) -> None:
    """The scene keeps views of the simulator's arrays and must not hand them out."""
    held = _handed_out(scene)
    before = [each.copy() for each in held]
    _stir(scene)
    for each, was in zip(held, before, strict=True):
        np.testing.assert_array_equal(each, was)
    for one in (each for each in held if each.flags.writeable):
        one[...] = 77
    assert not any((each == 77).all() for each in _handed_out(scene))


def test_every_reading_is_of_the_present_state(scene: Scene) -> None:
    """Nothing is cached across states: a restored state looks as it did, and another one differs."""
    first = scene.state()
    scene.set_state(first)
    before = _handed_out(scene)
    _stir(scene)
    assert all(not np.array_equal(*pair) for pair in zip(_handed_out(scene)[:6], before[:6], strict=True))
    assert not np.array_equal(scene.things()["red cube"].position_m, before[7])
    scene.set_state(first)
    after = _handed_out(scene)
    for place, (seen, was) in enumerate(zip(after, before, strict=True)):
        if place != 3:  # what was sent is the arm's memory, not the state's
            np.testing.assert_array_equal(seen, was)


def test_a_bump_moves_a_thing_some_centimetres_until_friction_stops_it(scene: Scene) -> None:
    before = scene.things()["red cube"].position_m
    scene.nudge("red cube", (0.0, 0.4))
    scene.advance(1.0)
    after = scene.things()["red cube"]
    assert 0.005 < after.position_m[1] - before[1] < 0.1
    assert after.speed_m_s < 1e-2


@pytest.mark.parametrize("name", ["blue pad", "red bin", "purple cube"])
def test_only_movable_things_on_the_table_can_be_bumped(scene: Scene, name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown movable thing"):
        scene.nudge(name, (0.1, 0.0))


def test_masses_inertias_and_bounds_follow_the_sizes(scene: Scene) -> None:
    model = scene._model
    for name in ("red cube", "green cylinder"):
        thing, body = scene.things()[name], scene._slots[name].body
        geom = int(model.body_geomadr[body])
        half, tall, mass = thing.half_width_m, thing.half_height_m, float(model.body_mass[body])
        cube = name == "red cube"
        lying = mass * (half**2 + tall**2) / 3 if cube else mass * (3 * half**2 + 4 * tall**2) / 12
        upright = mass * 2 * half**2 / 3 if cube else mass * half**2 / 2
        np.testing.assert_allclose(model.body_inertia[body], [lying, lying, upright])
        corner_m = np.sqrt(2 * half**2 + tall**2) if cube else np.hypot(half, tall)
        assert model.geom_rbound[geom] == pytest.approx(corner_m)
        np.testing.assert_allclose(model.geom_aabb[geom, 3:], [half, half, tall])
        assert model.geom_type[geom] == (mujoco.mjtGeom.mjGEOM_BOX if cube else mujoco.mjtGeom.mjGEOM_CYLINDER)


def test_a_cylinder_stands_on_a_cube(scene: Scene) -> None:
    cube = scene.things()["red cube"]
    address = int(scene._model.joint("movable1").qposadr[0])
    tall_m = scene.things()["green cylinder"].half_height_m
    scene._data.qpos[address : address + 3] = cube.position_m + np.array([0, 0, cube.half_height_m + tall_m + 1e-3])
    scene.advance(3.0)
    top = scene.things()["green cylinder"].position_m
    assert top[2] == pytest.approx(2 * cube.half_height_m + tall_m, abs=1e-3)
    np.testing.assert_allclose(top[:2], cube.position_m[:2], atol=2e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_underside_and_the_top_follow_how_a_thing_lies(scene: Scene, seed: int) -> None:
    turn = np.random.default_rng(seed).normal(size=4)
    around = np.linspace(0.0, 2 * np.pi, 721)
    rims = {"red cube": np.deg2rad([45, 135, 225, 315]), "green cylinder": around}
    for slot, (name, angles) in enumerate(rims.items()):
        thing, reach = scene.things()[name], np.sqrt(2) if name == "red cube" else 1.0
        edge = reach * thing.half_width_m * np.array([np.cos(angles), np.sin(angles)])
        rim = np.concatenate([np.vstack([edge, np.full(len(angles), end)]) for end in (-1, 1)], axis=1)
        rim[2] *= thing.half_height_m
        address = int(scene._model.joint(f"movable{slot}").qposadr[0])
        scene._data.qpos[address + 2 : address + 7] = [0.1, *turn / np.linalg.norm(turn)]
        mujoco.mj_forward(scene._model, scene._data)
        heights_m = (scene._data.body(f"movable{slot}").xmat.reshape(3, 3) @ rim)[2] + 0.1
        turned = scene.things()[name]
        assert turned.underside_m == pytest.approx(heights_m.min(), abs=1e-6)
        assert turned.top_m == pytest.approx(heights_m.max(), abs=1e-6)


def test_a_cylinder_on_its_side_lies_on_the_table(scene: Scene) -> None:
    address = int(scene._model.joint("movable1").qposadr[0])
    scene._data.qpos[address + 2 : address + 7] = [0.03, np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0]
    scene.advance(3.0)
    lying = scene.things()["green cylinder"]
    assert lying.position_m[2] == pytest.approx(lying.half_width_m, abs=1e-3)
    assert abs(lying.underside_m) < 5e-4 and on_table(lying)


def test_unstable_physics_raises_and_a_reset_recovers(scene: Scene, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes a log of its own here
    scene._data.qvel[0] = np.nan
    with pytest.raises(DeviceError, match="the physics became unstable"):
        scene.advance(0.1)
    scene.reset(0, ALL_KINDS)
    scene.advance(0.1)
