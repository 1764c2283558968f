"""One simulated table for all tests of this folder, because compiling it takes time."""

from collections.abc import Iterator

import pytest

from sim.scene import Scene, SceneConfig


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    scene = Scene(SceneConfig())
    yield scene
    scene.close()
