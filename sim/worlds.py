"""Simulated worlds by the name of their arm's configuration."""

from collections.abc import Sequence

from sim.scene import Scene
from sim.scene_config import load_scene_config


def open_world(
    name: str = "mujoco", seed: int = 0, names: Sequence[str] | None = None, scene: str = "tabletop"
) -> Scene:
    """Make a scene with the arm `name`, reset with `seed` and, where given, exactly the things `names` on the table.

    `name` is a configuration in configs/arms or the path of one, `scene` likewise in configs/scenes. Raises
    UnknownNameError or ConfigError where there is none.
    """
    world = Scene(load_scene_config(scene, name))
    world.reset(seed, names)
    return world
