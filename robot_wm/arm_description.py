"""What an arm is, computed from its spec and its MJCF: joints, home pose, sign conventions, wrist camera, landmarks.

Nothing above the arm assumes a joint count, a joint's direction or where a camera sits: it asks the description. At
the zero pose all frames of the chain are parallel to the base frame, so that offsets and axes are base-frame vectors.
Knows no torch, no scene and no simulator but MuJoCo as a reader of models.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import mujoco
import numpy as np

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.kinematics import Kinematics, ToolPose
from robot_wm.proprioception import state_names
from robot_wm.types import ArmSpec, Floats

Vector = tuple[float, float, float]

WRIST_CAMERA = "wrist"
BEHIND_TOOL_M = 0.0382  # the second landmark: this far back along the tool, between the fingers
BESIDE_TOOL_M = 0.015  # the third: this far against the jaw axis, on the inner face of the fixed finger
TILT_MAX_RAD = 0.2  # of the tool at rest from straight down
_PARALLEL = 0.999  # least cosine between axes that count as parallel
_LEVEL = 0.045  # largest z of an axis that counts as horizontal
_BOX_SLACK_M = 2e-3  # by which the tool at rest may be outside its box
_RANGE_SLACK_RAD = 1e-3  # likewise of a joint outside its range


@dataclass(frozen=True)
class ChainJoint:
    """A joint of the chain, base to tip, at the zero pose."""

    name: str
    at_m: Vector  # its anchor from the anchor of the joint before (of the base for the first)
    axis: Vector  # unit vector that it turns about or, as a slide, moves along
    slide: bool = False


@dataclass(frozen=True)
class CameraMount:
    """A camera on the arm's last link, in the frame that the last joint moves."""

    eye_m: Vector
    quaternion: tuple[float, float, float, float]  # w, x, y, z; the camera looks along its -z, y up
    fovy_deg: float


@dataclass(frozen=True)
class ArmDescription:
    """One arm, read from its spec and model. n is the number of joints without the gripper."""

    name: str
    joints: tuple[ChainJoint, ...]  # n
    q_min_rad: tuple[float, ...]
    q_max_rad: tuple[float, ...]
    q_rest_rad: tuple[float, ...]
    workspace_min_m: Vector
    workspace_max_m: Vector
    tool_frame: str
    home: ToolPose  # of the tool at rest
    home_tilt_rad: float  # of the tool at rest from straight down
    turn_signs: tuple[int, ...]  # n; how each joint turns a tool that points down about base z: +1, -1, 0 if not
    heading_signs: tuple[int, ...]  # n coefficients if the heading of a tool pointing down is that sum; () if it is not
    heading_zero_rad: float  # what is added to that sum
    landmarks_m: tuple[Vector, Vector, Vector]  # the tool, behind it and beside it, from the last joint's anchor
    wrist: CameraMount | None  # None where the model has no such camera on the last link

    @classmethod
    def of(cls, spec: ArmSpec, model: mujoco.MjModel | None = None) -> Self:
        """Describe the arm of a spec.

        Args:
            spec: The arm.
            model: A compiled model that holds the arm, read instead of `spec.mjcf`: a scene's, say, which has a
                camera `wrist` that the arm's own MJCF lacks.

        Returns:
            The description; `check` says whether the arm can be used.

        Raises:
            ConfigError: The model cannot be read, the rest pose has another number of joints, or the joints are not
                one chain from the base to the tool.
            UnknownNameError: A joint or the tool site is not in the model.
        """
        _require_counts(spec)
        return cls.from_kinematics(Kinematics(spec), model)

    @classmethod
    def from_kinematics(cls, kinematics: Kinematics, model: mujoco.MjModel | None = None) -> Self:
        """Describe the arm of kinematics already at hand; otherwise as `of`."""
        spec = kinematics.spec
        _require_counts(spec)
        q_down_rad = kinematics.solve(kinematics.forward(spec.q_rest_rad), spec.q_rest_rad)
        reader = _Reader(kinematics.model if model is None else model, spec, q_down_rad)
        chain, landmarks, wrist = reader.chain(), reader.landmarks_m(), reader.camera_mount(WRIST_CAMERA)
        turn_signs, heading_signs = reader.signs()
        summed = sum(sign * q for sign, q in zip(heading_signs, q_down_rad.tolist(), strict=False))
        zero = math.remainder(kinematics.heading(q_down_rad) - summed, 2.0 * math.pi) if heading_signs else 0.0
        return cls(
            name=spec.name,
            joints=chain,
            q_min_rad=tuple(spec.q_min_rad.tolist()),
            q_max_rad=tuple(spec.q_max_rad.tolist()),
            q_rest_rad=tuple(spec.q_rest_rad.tolist()),
            workspace_min_m=_vector(spec.workspace_min_m),
            workspace_max_m=_vector(spec.workspace_max_m),
            tool_frame=spec.tool_frame,
            home=kinematics.forward(spec.q_rest_rad),
            home_tilt_rad=kinematics.tilt(spec.q_rest_rad),
            turn_signs=turn_signs,
            heading_signs=heading_signs,
            heading_zero_rad=round(zero, 3) + 0.0,
            landmarks_m=landmarks,
            wrist=wrist,
        )

    @property
    def n_joints(self) -> int:
        """How many joints, without the gripper."""
        return len(self.joints)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the joints, base to tip."""
        return tuple(joint.name for joint in self.joints)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the numbers of `robot_wm.proprioception.state_vector` for this arm."""
        return state_names(self.n_joints)

    @property
    def kinematics_hash(self) -> str:
        """See `kinematics_hash`: equal for arms that move alike, whatever their names and ranges."""
        return kinematics_hash(self.joints, self.landmarks_m[0])

    def check(self) -> None:
        """Raise ConfigError, saying what to change, where the rest pose or the tool frame cannot be used."""
        names = zip(self.joint_names, self.q_min_rad, self.q_rest_rad, self.q_max_rad, strict=True)
        for name, low, q, high in names:
            if not low - _RANGE_SLACK_RAD <= q <= high + _RANGE_SLACK_RAD:
                raise ConfigError(
                    f"arm {self.name!r}: q_rest_rad puts joint {name!r} at {q:g}, outside its range "
                    f"{low:g} to {high:g}; give a rest pose inside the ranges"
                )
        if self.home_tilt_rad > TILT_MAX_RAD:
            raise ConfigError(
                f"arm {self.name!r}: at rest the z axis of tool frame {self.tool_frame!r} is "
                f"{math.degrees(self.home_tilt_rad):.0f} degrees from straight down (at most "
                f"{math.degrees(TILT_MAX_RAD):.0f}); turn the frame so that z points out of the gripper and x the way "
                "the jaws open (for a simulated arm: tool_body, tool_pos_m and tool_quat), or give a q_rest_rad in "
                "which the tool points down"
            )
        box = zip("xyz", self.workspace_min_m, self.home.position_m.tolist(), self.workspace_max_m, strict=True)
        for axis, low, at, high in box:
            if not low - _BOX_SLACK_M <= at <= high + _BOX_SLACK_M:
                raise ConfigError(
                    f"arm {self.name!r}: at rest the tool is at {axis} = {at:.3f} m, outside its workspace "
                    f"{low:g} to {high:g} m; change q_rest_rad, or workspace_min_m and workspace_max_m"
                )


def kinematics_hash(joints: Sequence[ChainJoint], tool_m: Sequence[float]) -> str:
    """Return the sha256 of a chain and its tool point, lengths rounded to 0.1 mm; names and ranges do not count."""
    rounded = lambda values: [round(value, 4) + 0.0 for value in values]  # noqa: E731 (+ 0.0: no negative zeros)
    chain = [["slide" if j.slide else "hinge", rounded(j.at_m), rounded(j.axis)] for j in joints]
    return hashlib.sha256(json.dumps([chain, rounded(tool_m)]).encode()).hexdigest()


class _Reader:
    """A compiled model with the arm at its zero pose, and at one in which the tool points down."""

    def __init__(self, model: mujoco.MjModel, spec: ArmSpec, q_down_rad: Floats) -> None:
        self._model, self._spec = model, spec
        self._zero, self._down = mujoco.MjData(model), mujoco.MjData(model)
        self._ids = [_id(model, mujoco.mjtObj.mjOBJ_JOINT, name, spec) for name in spec.joint_names]
        self._site = _id(model, mujoco.mjtObj.mjOBJ_SITE, spec.tool_frame, spec)
        for data, angles in ((self._zero, np.zeros(spec.n_joints)), (self._down, q_down_rad)):
            data.qpos[model.jnt_qposadr[self._ids]] = angles
            mujoco.mj_kinematics(model, data)
            mujoco.mj_camlight(model, data)
        self._require_chain()

    def chain(self) -> tuple[ChainJoint, ...]:
        """The joints at the zero pose."""
        before, joints = np.zeros(3), []
        for name, index in zip(self._spec.joint_names, self._ids, strict=True):
            anchor = self._zero.xanchor[index]
            axis = _vector(self._zero.xaxis[index])
            joints.append(ChainJoint(name, _vector(anchor - before), axis, self._is_slide(index)))
            before = anchor
        return tuple(joints)

    def landmarks_m(self) -> tuple[Vector, Vector, Vector]:
        """The tool, behind it along its z axis, and beside it against its x axis."""
        rotation = self._zero.site_xmat[self._site].reshape(3, 3)
        tool = self._zero.site_xpos[self._site] - self._zero.xanchor[self._ids[-1]]
        behind, beside = tool - BEHIND_TOOL_M * rotation[:, 2], tool - BESIDE_TOOL_M * rotation[:, 0]
        return _vector(tool), _vector(behind), _vector(beside)

    def camera_mount(self, name: str) -> CameraMount | None:
        """Where a camera sits on the last link; None where the model has no such camera on it."""
        camera = mujoco.mj_name2id(self._model, mujoco.mjtObj.mjOBJ_CAMERA, name)
        if camera < 0 or not self._is_below(int(self._model.cam_bodyid[camera]), self._body(-1)):
            return None
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, self._zero.cam_xmat[camera])
        w, x, y, z = (round(value, 8) + 0.0 for value in quaternion.tolist())
        eye = self._zero.cam_xpos[camera] - self._zero.xanchor[self._ids[-1]]
        return CameraMount(_vector(eye), (w, x, y, z), float(self._model.cam_fovy[camera]))

    def signs(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """How each joint turns a tool that points down about base z, and the coefficients of its heading (or none).

        The heading is a signed sum of joint angles where the hinges are, base to tip, some vertical ones, then some
        parallel horizontal ones, then some along the tool. Slides do not turn it.
        """
        hinges = [i for i in self._ids if not self._is_slide(i)]
        turns = {i: round(self._down.xaxis[i].item(2)) for i in hinges if abs(self._down.xaxis[i].item(2)) > _PARALLEL}
        signs = tuple(turns.get(i, 0) for i in self._ids)
        level = [number for number, i in enumerate(hinges) if i not in turns]
        axes = self._down.xaxis[hinges[level[0] : level[-1] + 1] if level else []]  # between the vertical ones
        planar = bool((np.abs(axes[:, 2]) < _LEVEL).all() and (np.abs(axes @ axes[:1].T) > _PARALLEL).all())
        return signs, signs if planar and hinges else ()

    def _is_slide(self, joint: int) -> bool:
        return int(self._model.jnt_type[joint]) == int(mujoco.mjtJoint.mjJNT_SLIDE)

    def _body(self, index: int) -> int:
        return int(self._model.jnt_bodyid[self._ids[index]])

    def _is_below(self, body: int, above: int) -> bool:
        while body not in (0, above):
            body = int(self._model.body_parentid[body])
        return body == above

    def _require_chain(self) -> None:
        """Raise ConfigError unless each joint carries the next, and the last one the tool."""
        carried = [(name, self._body(i)) for i, name in enumerate(self._spec.joint_names)]
        carried.append((f"tool frame {self._spec.tool_frame}", int(self._model.site_bodyid[self._site])))
        for (name, above), (next_name, below) in pairwise(carried):
            if not self._is_below(below, above):
                raise ConfigError(
                    f"arm {self._spec.name!r}: joint {name!r} does not carry {next_name!r} in {self._spec.mjcf}; list "
                    "joint_names from base to tip, and a tool_frame on the last link"
                )
        allowed = (int(mujoco.mjtJoint.mjJNT_HINGE), int(mujoco.mjtJoint.mjJNT_SLIDE))
        for name, index in zip(self._spec.joint_names, self._ids, strict=True):
            if int(self._model.jnt_type[index]) not in allowed:
                raise ConfigError(f"arm {self._spec.name!r}: joint {name!r} must be a hinge or a slide; leave it out")


def _require_counts(spec: ArmSpec) -> None:
    for name, values in (("q_rest_rad", spec.q_rest_rad), ("q_min_rad", spec.q_min_rad), ("q_max_rad", spec.q_max_rad)):
        if len(values) != spec.n_joints:
            raise ConfigError(
                f"arm {spec.name!r}: {name} needs {spec.n_joints} numbers, one for each of "
                f"{', '.join(spec.joint_names)}; received {len(values)}"
            )


def _id(model: mujoco.MjModel, kind: mujoco.mjtObj, name: str, spec: ArmSpec) -> int:
    index = mujoco.mj_name2id(model, kind, name)
    if index < 0:
        is_joint = kind == mujoco.mjtObj.mjOBJ_JOINT
        word, key = ("joint", "joint_names") if is_joint else ("tool site", "tool_frame")
        count = model.njnt if is_joint else model.nsite
        known = [found for i in range(count) if (found := mujoco.mj_id2name(model, kind, i))]
        raise UnknownNameError(word, name, known, f"Correct {key} of arm {spec.name!r}.")
    return index


def _vector(values: Any) -> Vector:
    x, y, z = (round(value, 6) + 0.0 for value in np.asarray(values, dtype=np.float64).tolist())
    return x, y, z
