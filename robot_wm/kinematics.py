"""From joint angles to the tool's pose and back, for any arm whose MJCF names a tool site.

The tool site's z axis is the way the tool points and its x axis the way the jaws open. The inverse is differential
(mink's frame task, each step a small bounded QP): a few damped Gauss-Newton steps from where the arm is, inside the
joint ranges. Position matters most; where the ranges do not let the tool be there and point straight down, it leans.
Knows no simulator and no limits of speed.
"""

from dataclasses import dataclass

import daqp
import mink
import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.types import ArmSpec, Floats

POSITION_COST = 1.0  # per metre
ROTATION_COST = 0.01  # per radian: 0.1 rad of lean weighs as much as 1 mm
DAMPING = 1e-8  # Levenberg-Marquardt, keeps joints that do not move the tool still
TOLERANCE_M = 1e-4
TOLERANCE_RAD = 2e-3
TRUST_RAD = 0.4  # the farthest that one step goes in a joint: beyond, the linear picture misleads
STEPS = 40  # at most; a warm start needs two or three
STALLED_RAD = 1e-4  # a step smaller than this has arrived at the nearest pose there is


@dataclass(frozen=True)
class ToolPose:
    """Where the tool is, base frame, and the angle of its jaw-opening axis about base z."""

    position_m: Floats  # (3,)
    yaw_rad: float  # in (-pi/2, pi/2]: a gripper turned by pi is the same gripper


def wrapped_yaw(yaw_rad: float) -> float:
    """The same jaw axis with its angle in (-pi/2, pi/2]."""
    return float(np.pi / 2 - np.mod(np.pi / 2 - yaw_rad, np.pi))


class Kinematics:
    """Forward and inverse kinematics of one arm. Not thread-safe: it keeps one configuration to work in.

    Raises ConfigError when the model cannot be read, UnknownNameError when a joint or the tool is not in it.
    """

    def __init__(self, spec: ArmSpec) -> None:
        self._spec = spec
        self._model = _load(spec.mjcf)
        self._data = mujoco.MjData(self._model)
        self._addresses, self._dofs = _joint_addresses(self._model, spec)  # (n,) into qpos, (n,) into qvel
        self._site = _site_id(self._model, spec.tool_frame)
        self._q_min, self._q_max = spec.q_min_rad, spec.q_max_rad
        self._configuration = mink.Configuration(self._model)
        cost = np.full(3, ROTATION_COST)
        self._task = mink.FrameTask(spec.tool_frame, "site", POSITION_COST, cost, lm_damping=0.0)
        self._no_rows = np.zeros((0, spec.n_joints))  # the QP has bounds only

    @property
    def spec(self) -> ArmSpec:
        """The arm's spec."""
        return self._spec

    def forward(self, q_rad: Floats) -> ToolPose:
        """The tool's pose at joint angles (n,)."""
        position, rotation = self._tool(q_rad)
        return ToolPose(position, wrapped_yaw(_axis_angle_rad(rotation)))

    def heading(self, q_rad: Floats) -> float:
        """Angle of the jaw axis about base z in (-pi, pi], telling its two ends apart, at joint angles (n,)."""
        return _axis_angle_rad(self._tool(q_rad)[1])

    def tilt(self, q_rad: Floats) -> float:
        """Angle between the tool and straight down, rad, at joint angles (n,)."""
        down = -self._tool(q_rad)[1][2, 2]
        return float(np.arccos(np.clip(down, -1.0, 1.0)))

    def solve(self, pose: ToolPose, q_start_rad: Floats) -> Floats:
        """Joint angles (n,) nearest to `q_start_rad` (n,) that put the tool at `pose` pointing down.

        Where that is out of reach, the nearest pose found, position before direction. The jaw axis is turned the
        short way from where it is, so that yaws that differ by pi are one.
        """
        self._task.set_target(self._target(pose, q_start_rad))
        q = np.clip(q_start_rad, self._q_min, self._q_max)
        q_all = self._model.qpos0.copy()
        for _ in range(STEPS):
            q_all[self._addresses] = q
            self._configuration.update(q_all)
            error = self._task.compute_error(self._configuration)  # (6,): metres, then radians
            if np.linalg.norm(error[:3]) < TOLERANCE_M and np.abs(error[3:]).max() < TOLERANCE_RAD:
                break
            step = self._step(q)
            q = np.clip(q + step, self._q_min, self._q_max)
            if np.abs(step).max() < STALLED_RAD:
                break
        return q

    def _step(self, q: Floats) -> Floats:
        """Gauss-Newton step (n,) from `q` (n,), within the joint ranges.

        mink's own `solve_ik` spends more time on packing this QP than on solving it, and a control tick has little.
        """
        hessian, gradient = self._task.compute_qp_objective(self._configuration)
        hessian = hessian[np.ix_(self._dofs, self._dofs)] + DAMPING * np.eye(len(q))
        upper, lower = np.minimum(self._q_max - q, TRUST_RAD), np.maximum(self._q_min - q, -TRUST_RAD)
        return daqp.solve(hessian, gradient[self._dofs], self._no_rows, upper, lower)[0]

    def _target(self, pose: ToolPose, q_start_rad: Floats) -> mink.SE3:
        yaw_now = _axis_angle_rad(self._tool(q_start_rad)[1])
        yaw = yaw_now + wrapped_yaw(pose.yaw_rad - yaw_now)
        rotation = mink.SO3.from_matrix(_pointing_down(yaw))
        return mink.SE3.from_rotation_and_translation(rotation, np.asarray(pose.position_m, dtype=np.float64))

    def _tool(self, q_rad: Floats) -> tuple[Floats, Floats]:
        """Position (3,) and rotation (3, 3) of the tool site in the base frame."""
        self._data.qpos[self._addresses] = q_rad
        mujoco.mj_kinematics(self._model, self._data)
        return self._data.site_xpos[self._site].copy(), self._data.site_xmat[self._site].reshape(3, 3).copy()


def _pointing_down(yaw_rad: float) -> Floats:
    """Rotation (3, 3) of a tool that points down with its jaw axis at `yaw_rad`."""
    x_axis = np.array([np.cos(yaw_rad), np.sin(yaw_rad), 0.0])
    z_axis = np.array([0.0, 0.0, -1.0])
    return np.stack([x_axis, np.cross(z_axis, x_axis), z_axis], axis=1)


def _axis_angle_rad(rotation: Floats) -> float:
    """Angle about base z of the jaw axis, in (-pi, pi]."""
    return float(np.arctan2(rotation[1, 0], rotation[0, 0]))


def _load(path: str) -> mujoco.MjModel:
    try:
        return mujoco.MjModel.from_xml_path(path)
    except ValueError as error:
        raise ConfigError(f"the arm's model {path!r} cannot be read: {error}; give the path of an MJCF file") from error


def _joint_addresses(model: mujoco.MjModel, spec: ArmSpec) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    names = [model.joint(index).name for index in range(model.njnt)]
    for name in spec.joint_names:
        if name not in names:
            raise UnknownNameError("joint", name, names, f"Correct joint_names of arm {spec.name!r}.")
    joints = [model.joint(name) for name in spec.joint_names]
    qpos = np.array([joint.qposadr[0] for joint in joints], dtype=np.intp)
    return qpos, np.array([joint.dofadr[0] for joint in joints], dtype=np.intp)


def _site_id(model: mujoco.MjModel, site: str) -> int:
    names = [model.site(index).name for index in range(model.nsite)]
    if site not in names:
        raise UnknownNameError("tool site", site, names, "Correct tool_frame in the arm's configuration.")
    return int(model.site(site).id)
