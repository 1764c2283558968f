"""Simulated worlds by the name of their arm's configuration."""

from collections.abc import Sequence
from dataclasses import replace

from robot_wm.config import find_config, load_config
from sim.arm_model import ArmConfig
from sim.scene import Scene, SceneConfig


def open_world(
    name: str = "mujoco", seed: int = 0, names: Sequence[str] | None = None, scene: str = "tabletop"
) -> Scene:
    """A scene with the arm `name`, reset with `seed` and, where given, exactly the things `names` on the table.

    `name` is a configuration in configs/arms or the path of one, `scene` likewise in configs/scenes. Raises
    UnknownNameError or ConfigError where there is none.
    """
    arm = load_config(ArmConfig, find_config("arms", name))
    world = Scene(replace(load_config(SceneConfig, find_config("scenes", scene)), arm=arm))
    world.reset(seed, names)
    return world
