"""Off-screen rendering of a MuJoCo scene. Each painter opens its OpenGL context with its first picture.

A scene's cameras share one painter; in an album each has its own. There are no shadows, reflections or multisampling:
at these sizes they cost more than the rest of the picture.
"""

from collections.abc import Sequence
from typing import Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.camera import Camera
from robot_wm.errors import DeviceError
from robot_wm.types import CameraSpec, Frame
from sim.gl import GLContext, open_context

_OFF = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_FOG,
    mujoco.mjtRndFlag.mjRND_HAZE,
    mujoco.mjtRndFlag.mjRND_CULL_FACE,
)


class Paints(Protocol):
    """A renderer of one scene."""

    def picture(self, camera_id: int, height: int, width: int) -> NDArray[np.uint8]:
        """Return what a camera of the model sees now, uint8 RGB (height, width, 3)."""
        raise NotImplementedError

    def close(self) -> None:
        """Release the context; the next picture opens another."""
        raise NotImplementedError


class Painter:
    """MuJoCo's renderer for any camera of one model.

    Args:
        model: The scene's model.
        data: Its state.
        size_px: Largest height and width of a picture; by default the model's off-screen size.
        unseen_group: A geom group to leave out, because no camera can see it.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        size_px: int | None = None,
        unseen_group: int | None = None,
    ) -> None:
        self._model, self._data = model, data
        self._size_px = size_px
        self._gl: GLContext | None = None
        self._scene = self.blank()
        self._option = mujoco.MjvOption()
        if unseen_group is not None:
            self._option.geomgroup[unseen_group] = False
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED

    def picture(self, camera_id: int, height: int, width: int) -> NDArray[np.uint8]:
        """Return what a camera sees now, uint8 RGB (height, width, 3).

        Raises:
            MissingDependencyError: There is no OpenGL library.
        """
        self.look(camera_id, self._scene)
        return self.painted([self._scene], height, width)[0].copy()

    def blank(self) -> mujoco.MjvScene:
        """Return an empty view for `look`."""
        view = mujoco.MjvScene(self._model, maxgeom=self._model.ngeom + 10)
        for flag in _OFF:
            view.flags[flag] = flag == mujoco.mjtRndFlag.mjRND_CULL_FACE
        return view

    def look(self, camera_id: int, view: mujoco.MjvScene) -> None:
        """Record in `view` what a camera sees now, without rendering it."""
        self._view.fixedcamid = camera_id
        everything = mujoco.mjtCatBit.mjCAT_ALL
        mujoco.mjv_updateScene(self._model, self._data, self._option, None, self._view, everything, view)

    def painted(self, views: Sequence[mujoco.MjvScene], height: int, width: int) -> NDArray[np.uint8]:
        """Render views, uint8 RGB (views, height, width, 3).

        Raises:
            MissingDependencyError: There is no OpenGL library.
        """
        context = self._current()
        viewport = mujoco.MjrRect(0, 0, width, height)
        upside_down = np.empty((len(views), height, width, 3), dtype=np.uint8)
        for picture, view in zip(upside_down, views, strict=True):
            mujoco.mjr_render(viewport, view, context)
            mujoco.mjr_readPixels(picture, None, viewport, context)
        return upside_down[:, ::-1]

    def close(self) -> None:
        """Release the context; the next picture opens another."""
        if self._gl is not None:
            self._gl.make_current()  # otherwise its frame buffers are released in another painter's context
            self._context.free()
            self._gl.free()
            self._gl = None

    def _current(self) -> mujoco.MjrContext:
        if self._gl is None:
            size = self._model.vis.global_
            usual = size.offwidth, size.offheight
            size.offwidth, size.offheight = (self._size_px, self._size_px) if self._size_px else usual
            self._gl = open_context(size.offwidth, size.offheight)
            self._context = mujoco.MjrContext(self._model, mujoco.mjtFontScale.mjFONTSCALE_100)
            size.offwidth, size.offheight = usual
            mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        else:
            self._gl.make_current()
        return self._context


class MujocoCamera(Camera):
    """A `Camera` on a scene's MuJoCo model: frames are always fresh and stamped with simulated time."""

    def __init__(self, spec: CameraSpec, camera_id: int, painter: Paints, data: mujoco.MjData) -> None:
        self._spec = spec
        self._camera_id = camera_id
        self._painter = painter
        self._data = data
        self._connected = False

    @property
    def spec(self) -> CameraSpec:
        return self._spec

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self._connected = False

    def read(self) -> Frame:
        if not self._connected:
            raise DeviceError(f"camera {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return Frame(self.picture(), float(self._data.time))

    def picture(self) -> NDArray[np.uint8]:
        """Return what the camera sees now, connected or not, uint8 RGB (h, w, 3)."""
        return self._painter.picture(self._camera_id, self._spec.height, self._spec.width)
