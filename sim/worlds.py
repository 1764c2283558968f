"""Simulated worlds by the name of their arm's configuration."""

from collections.abc import Sequence

from sim.scene import Scene
from sim.scene_config import load_scene_config


def open_world(
    name: str = "mujoco", seed: int = 0, names: Sequence[str] | None = None, scene: str = "tabletop"
) -> Scene:
    """Make a scene and reset it.

    Args:
        name: An arm in configs/arms, or the path of its YAML.
        seed: The random seed of the table.
        names: Exactly the things on the table; None draws them.
        scene: A scene in configs/scenes, or the path of its YAML; an arm's own scene has precedence.

    Raises:
        UnknownNameError: There is no such arm, scene or thing.
        ConfigError: The configuration or the things are not valid.
    """
    world = Scene(load_scene_config(scene, name))
    world.reset(seed, names)
    return world
