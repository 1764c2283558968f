"""Simulated worlds by name."""

from collections.abc import Sequence

from robot_wm.errors import UnknownNameError
from sim.scene import Scene, SceneConfig


def open_world(name: str, seed: int, names: Sequence[str] | None = None) -> Scene:
    """A scene with the arm `name`, reset with `seed` and, where given, exactly the things `names` on the table."""
    if name != "mujoco":
        raise UnknownNameError("simulated arm", name, ("mujoco",))
    scene = Scene(SceneConfig())
    scene.reset(seed, names)
    return scene
