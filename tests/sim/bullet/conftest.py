"""One simulated table in PyBullet for all tests of this folder, and the same table in MuJoCo."""

from collections.abc import Iterator

import pytest

from sim.bullet.engine import BulletEngine
from sim.scene import Scene, SceneConfig


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    scene = Scene(SceneConfig(), BulletEngine)
    yield scene
    scene.close()


@pytest.fixture(scope="session")
def mujoco_scene() -> Iterator[Scene]:
    scene = Scene(SceneConfig())
    yield scene
    scene.close()
