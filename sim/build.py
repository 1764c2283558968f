"""The MuJoCo model of a scene: arm, table, slots for things, overview camera, lamp and solver options."""

from collections.abc import Sequence

import mujoco
import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.types import CameraSpec, Floats
from sim.arm_model import load_arm
from sim.pool import add_pool
from sim.scene_config import SceneConfig
from sim.servo import STEP_S

CAMERAS = (CameraSpec("overview", 128, 128, 10.0), CameraSpec("wrist", 64, 64, 10.0))


def compile_scene(config: SceneConfig) -> mujoco.MjModel:
    """Compile the one model that all episodes use.

    Raises:
        ConfigError: The arm's model does not compile with servos and table.
    """
    spec = load_arm(config.arm)
    add_pool(spec)
    _add_view(spec, config)
    _add_wrist_camera(spec, config)
    option = spec.option
    option.timestep = STEP_S
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0
    option.disableflags = mujoco.mjtDisableBit.mjDSBL_MIDPHASE  # bounding volumes are fixed when compiled; sizes vary
    try:
        return spec.compile()
    except ValueError as error:
        raise ConfigError(
            f"the model of arm {config.arm.name!r} does not compile with its servos and the table: {error}; "
            "correct the model file"
        ) from error


def _add_view(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    """Add the overview camera and the lamp, and set the rendering quality."""
    eye, at = config.overview_eye_m, config.overview_at_m
    spec.worldbody.add_camera(name="overview", pos=eye, quat=_look_at(eye, at), fovy=config.overview_fovy_deg)
    directional = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    spec.worldbody.add_light(name="lamp", type=directional, castshadow=False, specular=[0.0] * 3, pos=[0.0, 0.0, 1.5])
    spec.visual.headlight.ambient = [0.3] * 3
    spec.visual.headlight.diffuse = [0.15] * 3
    spec.visual.headlight.specular = [0.0] * 3
    quality = spec.visual.quality
    quality.offsamples = quality.shadowsize = 0
    quality.numslices, quality.numstacks, quality.numquads = 16, 8, 1  # triangles are expensive in software renderers
    size = spec.visual.global_  # type: ignore[attr-defined]
    size.offwidth = max(camera.width for camera in CAMERAS)
    size.offheight = max(camera.height for camera in CAMERAS)
    spec.stat.extent = 1.0
    spec.visual.map.znear = 0.01
    spec.visual.map.zfar = 4.0


def _add_wrist_camera(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    """Add a camera that looks at the tool point, unless the arm's model has a camera `wrist`."""
    if any(camera.name == "wrist" for camera in spec.cameras):
        return
    site = spec.site(config.arm.tool_frame)
    eye, turned = np.empty(3), np.empty(4)
    mujoco.mju_rotVecQuat(eye, np.array(config.arm.wrist_eye_m), site.quat)
    mujoco.mju_mulQuat(turned, site.quat, _look_at(config.arm.wrist_eye_m, (0.0, 0.0, 0.0), up=(0.0, 0.0, -1.0)))
    site.parent.add_camera(name="wrist", pos=site.pos + eye, quat=turned, fovy=75.0)


def _look_at(position: Sequence[float], at: Sequence[float], up: Sequence[float] = (0.0, 0.0, 1.0)) -> Floats:
    """Return the quaternion (w, x, y, z) of an upright camera at `position` (3,) that looks `at` a point (3,)."""
    back = np.subtract(position, at) / np.linalg.norm(np.subtract(position, at))
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(back, right), back], axis=1)
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.ravel())
    return quaternion
