"""Domain randomisation: colours, masses, friction, light, camera poses and servos of an episode."""

import colorsys

import mujoco
import numpy as np

from robot_wm.goals import kind_of
from robot_wm.types import Floats
from sim.pool import Material
from sim.scene_config import SceneConfig
from sim.servo import ServoTrim

HUES = {"red": 0.0, "orange": 0.072, "yellow": 0.16, "green": 0.36, "blue": 0.61, "purple": 0.77}
_SATURATION = 0.88
_VALUE = {"movable": 0.92, "pad": 0.82, "bin": 0.72}


def draw_material(rng: np.random.Generator, config: SceneConfig, name: str) -> Material:
    """Draw colour (of the name's hue), mass and friction of one thing."""
    colour = name.split(" ", 1)[0]
    return Material(
        rgba=_draw_rgba(rng, config, colour, _VALUE.get(kind_of(name), _VALUE["movable"])),
        mass_kg=float(rng.uniform(*config.mass_kg)),
        friction=float(rng.uniform(*config.friction)),
    )


def _draw_rgba(rng: np.random.Generator, config: SceneConfig, colour: str, value: float) -> Floats:
    hue = (HUES[colour] + rng.uniform(-config.hue_jitter, config.hue_jitter)) % 1.0
    shade = np.clip(np.array([_SATURATION, value]) + rng.uniform(-1.0, 1.0, 2) * config.shade_jitter, 0, 1)
    return np.array([*colorsys.hsv_to_rgb(hue, *shade), 1.0])


def draw_trim(rng: np.random.Generator, config: SceneConfig) -> ServoTrim:
    """Draw how the servos differ from their data sheet."""
    return ServoTrim(float(rng.uniform(*config.gain_factor)), float(rng.uniform(*config.latency_s)))


def vary_light(rng: np.random.Generator, config: SceneConfig, model: mujoco.MjModel) -> None:
    """Randomise strength and direction of the lamp, and the brightness of the table."""
    strength = rng.uniform(*config.light)
    tilt = np.deg2rad(rng.uniform(0.0, config.light_tilt_deg))
    turn = rng.uniform(-np.pi, np.pi)
    lamp = model.light("lamp").id
    model.light_diffuse[lamp] = strength
    model.light_dir[lamp] = [np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), -np.cos(tilt)]
    shade = rng.uniform(*config.table_value)
    model.geom_rgba[model.geom("table").id] = [shade, 0.97 * shade, 0.92 * shade, 1.0]


class CameraJitter:
    """Randomises camera poses about the model's own."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._position, self._quaternion = model.cam_pos.copy(), model.cam_quat.copy()

    def vary(self, rng: np.random.Generator, config: SceneConfig) -> None:
        """Draw every camera's position and direction and set them in the model."""
        for camera in range(self._model.ncam):
            shift = rng.uniform(-1.0, 1.0, 3) * config.camera_jitter_m
            turn = rng.uniform(-1.0, 1.0, 3) * np.deg2rad(config.camera_jitter_deg)
            self._model.cam_pos[camera] = self._position[camera] + shift
            quaternion = self._quaternion[camera].copy()
            mujoco.mju_quatIntegrate(quaternion, turn, 1.0)
            self._model.cam_quat[camera] = quaternion
