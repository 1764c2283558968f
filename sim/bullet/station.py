"""The setup of `--arm pybullet`: the scene of `--arm mujoco` in another simulator."""

from dataclasses import replace

from robot_wm.config import find_config, load_config
from sim.bullet.engine import BulletEngine
from sim.scene import Scene
from sim.scene_config import SceneConfig
from sim.station import SimStation


def pybullet_station(scene: str) -> SimStation:
    """Make the setup of a scene in configs/scenes, or a file.

    Raises:
        UnknownNameError: There is no such scene.
        ConfigError: Its values are not valid.
    """
    config = load_config(SceneConfig, find_config("scenes", scene))
    return SimStation(Scene(replace(config, arm=replace(config.arm, name="pybullet")), BulletEngine))
