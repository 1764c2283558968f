"""The cameras in PyBullet keep the cameras' contract and render what those in MuJoCo do."""

import numpy as np
import pytest

from sim.bullet.engine import BulletEngine
from sim.scene import Scene, SceneConfig
from tests.contracts.camera_contract import CameraContract, CameraRig


class TestOverview(CameraContract):
    camera = "overview"

    def rig(self) -> CameraRig:
        scene = Scene(SceneConfig(), BulletEngine)
        scene.reset(0, ["red cube"])
        return CameraRig(scene.cameras[self.camera], scene.clock)


class TestWrist(TestOverview):
    camera = "wrist"


@pytest.mark.parametrize("seed", range(3))
def test_both_simulators_render_the_same_state_alike(scene: Scene, mujoco_scene: Scene, seed: int) -> None:
    """Within 2.5 of 255 in the mean, and nearer than to the same picture one pixel aside."""
    scene.reset(seed)
    mujoco_scene.reset(seed)
    scene.set_state(mujoco_scene.state())
    for name in scene.cameras:
        ours, theirs = scene.render(name).astype(int), mujoco_scene.render(name)
        difference = np.abs(ours - theirs).mean()
        assert difference < 2.5, name
        for axis in (0, 1):
            assert difference < 0.8 * np.abs(np.roll(ours, 1, axis) - theirs).mean(), (name, axis)
            assert difference < 0.8 * np.abs(np.roll(ours, -1, axis) - theirs).mean(), (name, axis)


def test_the_same_state_gives_the_same_picture(scene: Scene) -> None:
    scene.reset(1)
    np.testing.assert_array_equal(scene.render("wrist"), scene.render("wrist"))


def test_what_moves_is_seen_to_move(scene: Scene) -> None:
    scene.reset(1, ["red cube"])
    before = scene.render("overview")
    scene.nudge("red cube", (0.0, 0.4))
    scene.advance(0.5)
    assert np.abs(scene.render("overview").astype(int) - before).max() > 50
