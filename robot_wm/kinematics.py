"""Forward and inverse kinematics of any arm whose MJCF names a tool site.

The tool site's z axis is the direction in which the tool points and its x axis the one in which the jaws open. Inverse
kinematics are differential: damped Gauss-Newton steps (Levenberg-Marquardt) from the current pose, each the solution
of a small bounded quadratic programme (`mju_boxQP`), which keeps the joints in range. Position has priority: if the
ranges do not let the tool reach it pointing straight down, the tool tilts. Knows no simulator and no speed limits.
"""

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.types import ArmSpec, Floats

POSITION_COST = 1000.0  # per metre
ROTATION_COST = 10.0  # per radian: 0.1 rad of tilt weighs as much as 1 mm
DAMPING = 1e-2  # Levenberg-Marquardt; keeps joints that do not affect the tool still
TOLERANCE_M = 1e-4
TOLERANCE_RAD = 2e-3
TRUST_RAD = 0.4  # largest step of a joint; beyond it the linearisation is poor
STEPS = 40  # largest number of iterations; a warm start needs two or three
POSTURE_COST = 0.3  # per radian of each joint from the rest pose, on redundant arms (n > 6)
STALLED_RAD = 1e-4  # a step smaller than this counts as converged
REMEMBERED = 16  # cached tool poses; one tick evaluates the same few several times

_COST = np.array([POSITION_COST] * 3 + [ROTATION_COST] * 3)
_COST_COLUMN = _COST[:, None]


@dataclass(frozen=True)
class ToolPose:
    """The tool's position in the base frame and the angle of its jaw-opening axis about base z."""

    position_m: Floats  # (3,)
    yaw_rad: float  # in (-pi/2, pi/2]: a gripper turned by pi is the same gripper


def wrapped_yaw(yaw_rad: float) -> float:
    """Return the angle of the same jaw axis in (-pi/2, pi/2]."""
    return math.pi / 2 - (math.pi / 2 - yaw_rad) % math.pi


class Kinematics:
    """Forward and inverse kinematics of one arm. Not thread-safe: all calls share one MuJoCo state.

    Raises ConfigError if the model cannot be read, UnknownNameError if it lacks a joint or the tool site.
    """

    def __init__(self, spec: ArmSpec) -> None:
        self._spec = spec
        self._chain = _Chain(spec)
        self._q_min, self._q_max = spec.q_min_rad, spec.q_max_rad
        self._damping = DAMPING * np.eye(spec.n_joints)
        self._posture = POSTURE_COST if spec.n_joints > 6 else 0.0  # keeps redundant joints from drifting
        self._work = np.empty((spec.n_joints, spec.n_joints + 7))  # for mju_boxQP
        self._seen: dict[bytes, _Tool] = {}

    @property
    def spec(self) -> ArmSpec:
        """The arm's spec."""
        return self._spec

    @property
    def model(self) -> mujoco.MjModel:
        """The compiled model that the kinematics are computed with."""
        return self._chain.model

    def forward(self, q_rad: Floats) -> ToolPose:
        """Compute the tool's pose at joint angles (n,)."""
        tool = self._tool(q_rad)
        return ToolPose(np.array(tool.position_m), wrapped_yaw(tool.heading_rad))

    def position(self, q_rad: Floats) -> Floats:
        """Compute the tool's position, (3,) m, at joint angles (n,); cheaper than `forward`."""
        self._chain.move(q_rad)
        return self._chain.position_m.copy()

    def heading(self, q_rad: Floats) -> float:
        """Compute the angle of the jaw axis, with direction, about base z in (-pi, pi] at joint angles (n,)."""
        return self._tool(q_rad).heading_rad

    def tilt(self, q_rad: Floats) -> float:
        """Compute the angle between the tool and straight down, rad, at joint angles (n,)."""
        return self._tool(q_rad).tilt_rad

    def solve(self, pose: ToolPose, q_start_rad: Floats) -> Floats:
        """Compute the joint angles (n,) nearest to `q_start_rad` (n,) that put the tool at `pose` pointing down.

        If the pose is out of reach, returns the nearest one found, with priority for the position. The jaw axis takes
        the shorter turn, so yaws that differ by pi are equivalent.
        """
        heading = self.heading(q_start_rad)
        turned = heading + wrapped_yaw(pose.yaw_rad - heading)
        place_m, q = pose.position_m.tolist(), self._inside(np.asarray(q_start_rad, dtype=np.float64))
        for count in range(STEPS):
            self._chain.move(q)
            error = self._chain.error(place_m, turned)
            is_there = math.hypot(*error[:3]) < TOLERANCE_M and max(map(abs, error[3:])) < TOLERANCE_RAD
            if is_there and (count > 0 or not self._posture):
                break
            step = self._step(q, error)
            q = self._inside(q + step)
            if max(map(abs, step.tolist())) < STALLED_RAD:
                break
        return q

    def _step(self, q: Floats, error: list[float]) -> Floats:
        """Compute the Gauss-Newton step (n,) from `q` (n,), the chain's current pose, within the joint ranges."""
        weighted = self._chain.jacobian() * _COST_COLUMN  # (6, n)
        hessian = weighted.T @ weighted + self._damping
        gradient = weighted.T @ (_COST * error)
        if self._posture:
            hessian += self._posture * np.eye(len(q))
            gradient += self._posture * (self._spec.q_rest_rad - q)
        lower, upper = np.maximum(self._q_min - q, -TRUST_RAD), np.minimum(self._q_max - q, TRUST_RAD)
        step = np.zeros(len(q))
        mujoco.mju_boxQP(step, self._work, None, hessian, -gradient, lower, upper)
        return step

    def _inside(self, q: Floats) -> Floats:
        return np.minimum(np.maximum(q, self._q_min), self._q_max)

    def _tool(self, q_rad: Floats) -> "_Tool":
        """Compute the tool at joint angles (n,)."""
        key = np.asarray(q_rad, dtype=np.float64).tobytes()
        tool = self._seen.get(key)
        if tool is None:
            self._chain.move(q_rad)
            if len(self._seen) == REMEMBERED:
                del self._seen[next(iter(self._seen))]
            tool = self._seen[key] = self._chain.tool()
        return tool


@dataclass(frozen=True)
class _Tool:
    """A tool in the base frame."""

    position_m: tuple[float, float, float]
    heading_rad: float  # of the jaw axis, in (-pi, pi]
    tilt_rad: float  # from straight down


class _Chain:
    """The arm's links in MuJoCo. Keeps views of its arrays, since creating one costs as much as moving the links."""

    def __init__(self, spec: ArmSpec) -> None:
        self.model = _load(spec.mjcf)
        self._data = mujoco.MjData(self.model)
        self._addresses, self._dofs = map(_run, _joint_addresses(self.model, spec))  # n into qpos, n into qvel
        self._site = _site_id(self.model, spec.tool_frame)
        self._qpos = self._data.qpos
        self.position_m = self._data.site_xpos[self._site]  # (3,)
        self._rotation = self._data.site_xmat[self._site]  # (9,) row by row
        self._quaternion = np.empty(4)
        self._jacobian = np.empty((6, self.model.nv))

    def move(self, q_rad: Floats) -> None:
        """Set the joint angles (n,)."""
        self._qpos[self._addresses] = q_rad
        mujoco.mj_kinematics(self.model, self._data)

    def tool(self) -> _Tool:
        """Return the tool at the current joint angles."""
        x, y, z = self.position_m.tolist()
        rotation = self._rotation.tolist()
        tilt_rad = math.acos(min(max(-rotation[8], -1.0), 1.0))
        return _Tool((x, y, z), math.atan2(rotation[3], rotation[0]), tilt_rad)

    def error(self, place_m: list[float], heading_rad: float) -> list[float]:
        """Compute the error (6,): m to a position (3,), then rad to the rotation pointing down at a heading."""
        (x_goal, y_goal, z_goal), (x, y, z) = place_m, self.position_m.tolist()
        mujoco.mju_mat2Quat(self._quaternion, self._rotation)
        return [x_goal - x, y_goal - y, z_goal - z, *_turn_to_down(self._quaternion.tolist(), heading_rad)]

    def jacobian(self) -> Floats:
        """Compute the tool's Jacobian (6, n), m and rad per joint unit, at the current joint angles."""
        mujoco.mj_comPos(self.model, self._data)
        mujoco.mj_jacSite(self.model, self._data, self._jacobian[:3], self._jacobian[3:], self._site)
        return self._jacobian[:, self._dofs]


def _turn_to_down(now: list[float], heading_rad: float) -> list[float]:
    """Compute the rotation vector (3,) rad, base frame, from quaternion `now` to a tool pointing down at a heading.

    The latter is half a turn about (a, b, 0), so its quaternion is (0, a, b, 0). The result is its product with the
    inverse of `now`, as angle times axis.
    """
    w, x, y, z = now
    a, b = math.cos(heading_rad / 2), math.sin(heading_rad / 2)
    cosine, vector = a * x + b * y, (w * a - b * z, w * b + a * z, b * x - a * y)
    sine = math.hypot(*vector)
    if sine < 1e-12:
        return [0.0, 0.0, 0.0]
    angle = 2.0 * (math.atan2(sine, cosine) if cosine >= 0.0 else -math.atan2(sine, -cosine))  # the shorter turn
    return [angle / sine * each for each in vector]


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


def _run(indices: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return indices as a slice if they are consecutive, which is faster to look up."""
    first, last = int(indices[0]), int(indices[-1])
    return slice(first, last + 1) if indices.tolist() == list(range(first, last + 1)) else indices


def _site_id(model: mujoco.MjModel, site: str) -> int:
    names = [model.site(index).name for index in range(model.nsite)]
    if site not in names:
        raise UnknownNameError("tool site", site, names, "Correct tool_frame in the arm's configuration.")
    return int(model.site(site).id)
