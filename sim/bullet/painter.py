"""PyBullet's software renderer with the cameras and lights of the MuJoCo model."""

from collections.abc import Callable
from typing import final

import mujoco
import numpy as np
import pybullet
from numpy.typing import NDArray

from robot_wm.types import Floats
from sim.bullet.client import Client

_CUT_OFF = 0.004  # compensates that the renderer truncates where others round


@final
class BulletPainter:
    """Implements `sim.cameras.Paints`."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, world: Callable[[], Client]) -> None:
        self._model, self._data = model, data
        self._world = world

    def picture(self, camera_id: int, height: int, width: int) -> NDArray[np.uint8]:
        client = self._world()
        eye_m = self._data.cam_xpos[camera_id]
        _, up, back = self._data.cam_xmat[camera_id].reshape(3, 3).T
        way, strength = self._light(back)
        image = client.getCameraImage(
            width,
            height,
            pybullet.computeViewMatrix(eye_m.tolist(), (eye_m - back).tolist(), up.tolist()),
            self._lens(camera_id, height, width),
            lightDirection=way.tolist(),
            lightColor=[1.0, 1.0, 1.0],
            lightAmbientCoeff=float(self._model.vis.headlight.ambient[0]) + _CUT_OFF,
            lightDiffuseCoeff=strength,
            lightSpecularCoeff=0.0,
            shadow=0,
            renderer=pybullet.ER_TINY_RENDERER,
        )
        return np.asarray(image[2], dtype=np.uint8).reshape(height, width, 4)[..., :3].copy()

    def _light(self, back: Floats) -> tuple[Floats, float]:
        """Return the direction to the light (3,) and its strength, lamp and headlight combined."""
        model, lamp = self._model, self._model.light("lamp").id
        headlight = float(model.vis.headlight.diffuse[0])
        light = headlight * back - float(model.light_diffuse[lamp, 0]) * self._data.light_xdir[lamp]
        strength = float(np.linalg.norm(light))
        return light / strength, strength

    def _lens(self, camera_id: int, height: int, width: int) -> list[float]:
        """Return the projection matrix by columns, shifted by half a pixel, since MuJoCo samples pixel centres."""
        model = self._model
        near_m, far_m = model.vis.map.znear * model.stat.extent, model.vis.map.zfar * model.stat.extent
        fovy_deg = float(model.cam_fovy[camera_id])
        matrix = list(pybullet.computeProjectionMatrixFOV(fovy_deg, width / height, near_m, far_m))
        matrix[8] += 1.0 / width
        matrix[9] += 1.0 / height
        return matrix

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
