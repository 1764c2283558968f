"""Pictures of a PyBullet world by its software renderer, from the cameras and by the light of the MuJoCo model."""

from collections.abc import Callable
from typing import final

import mujoco
import numpy as np
import pybullet
from numpy.typing import NDArray

from sim.bullet.client import Client


@final
class BulletPainter:
    """Implements `sim.cameras.Paints`."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, world: Callable[[], Client]) -> None:
        self._model, self._data = model, data
        self._world = world

    def picture(self, camera_id: int, height: int, width: int) -> NDArray[np.uint8]:
        client, model = self._world(), self._model
        eye = self._data.cam_xpos[camera_id]
        right, up, back = self._data.cam_xmat[camera_id].reshape(3, 3).T
        extent = model.stat.extent
        near, far = model.vis.map.znear * extent, model.vis.map.zfar * extent
        lamp = model.light("lamp").id
        image = client.getCameraImage(
            width,
            height,
            pybullet.computeViewMatrix(eye.tolist(), (eye - back).tolist(), up.tolist()),
            pybullet.computeProjectionMatrixFOV(float(model.cam_fovy[camera_id]), width / height, near, far),
            lightDirection=(-self._data.light_xdir[lamp]).tolist(),
            lightColor=[1.0] * 3,
            lightAmbientCoeff=0.4,
            lightDiffuseCoeff=float(model.light_diffuse[lamp, 0]),
            lightSpecularCoeff=0.0,
            shadow=0,
            renderer=pybullet.ER_TINY_RENDERER,
        )
        return np.asarray(image[2], dtype=np.uint8).reshape(height, width, 4)[..., :3].copy()

    def close(self) -> None:
        """Nothing is held."""
