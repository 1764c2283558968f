"""The simulated cameras keep the cameras' contract, see the whole table, and report a missing GL library."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from robot_wm.errors import MissingDependencyError, UnknownNameError
from sim import gl
from sim.scene import Scene, SceneConfig
from tests.contracts.camera_contract import CameraContract, CameraRig


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    made = Scene(SceneConfig())
    yield made
    made.close()


class TestOverview(CameraContract):
    camera = "overview"

    def rig(self) -> CameraRig:
        scene = Scene(SceneConfig())
        scene.reset(0, ["red cube"])
        return CameraRig(scene.cameras[self.camera], scene.clock)


class TestWrist(TestOverview):
    camera = "wrist"


def test_pictures_have_the_cameras_sizes(scene: Scene) -> None:
    scene.reset(0)
    assert scene.render("overview").shape == (128, 128, 3)
    assert scene.render("wrist").shape == (64, 64, 3)
    with pytest.raises(UnknownNameError, match=r"unknown camera 'wirst'.*Did you mean 'wrist'"):
        scene.render("wirst")


def test_every_thing_is_in_the_overview(scene: Scene) -> None:
    for seed in range(8):
        scene.reset(seed, ["red cube", "green bin", "blue pad"])
        reddish, greenish, bluish = (_pixels(scene.render("overview"), channel) for channel in range(3))
        assert reddish > 8 and greenish > 60 and bluish > 60, seed


def _pixels(picture: np.ndarray, channel: int) -> int:
    """Return how many pixels are mostly of one primary colour."""
    values = picture.astype(int)
    others = np.delete(values, channel, axis=2).max(axis=2)
    return int((values[..., channel] > others + 40).sum())


def test_the_same_state_gives_the_same_picture(scene: Scene) -> None:
    scene.reset(1)
    np.testing.assert_array_equal(scene.render("wrist"), scene.render("wrist"))


def test_a_closed_scene_can_render_again(scene: Scene) -> None:
    scene.reset(2)
    before = scene.render("overview")
    scene.close()
    np.testing.assert_array_equal(scene.render("overview"), before)


def test_backends_are_tried_in_order_unless_one_is_selected() -> None:
    assert gl.wanted_backends(None) == gl.wanted_backends("glfw") == ("egl", "osmesa")
    assert gl.wanted_backends("osmesa") == ("osmesa",)
    with pytest.raises(UnknownNameError, match=r"unknown GL backend 'elg'.*Did you mean 'egl'"):
        gl.wanted_backends("elg")


def test_without_gl_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "_LIBRARIES", {"egl": ("libNoEGL.so",), "osmesa": ("libNoOSMesa.so",)})
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    with pytest.raises(
        MissingDependencyError, match=r"no libNoEGL.*no libNoOSMesa.*install libegl1.*install libosmesa6"
    ):
        gl.open_context(96, 96)


def test_a_backend_that_fails_leaves_the_choice_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError(f"no {name} here")

    monkeypatch.setattr(gl, "import_module", broken)
    monkeypatch.setenv("MUJOCO_GL", "egl")
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)
    with pytest.raises(MissingDependencyError, match=r"egl: no mujoco\.egl here"):
        gl.open_context(96, 96)
    assert "PYOPENGL_PLATFORM" not in os.environ


def test_closing_a_scene_leaves_the_pictures_of_others_intact() -> None:
    kept, closed = Scene(SceneConfig()), Scene(SceneConfig())
    for scene in (kept, closed):
        scene.reset(0)
    closed.render("overview")
    before = kept.render("overview")  # so that this one's context is current when the other is released
    closed.close()
    kept.reset(1)
    after = kept.render("overview")
    kept.reset(0)
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(kept.render("overview"), before)
    kept.close()
