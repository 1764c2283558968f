"""The action and state vectors that models see, and what an action means to an arm.

An action is a step of the *commanded* tool pose in the base frame and an absolute gripper opening. Knows no model,
no simulator and no speed limits (those are the arm's).
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats

ACTION_NAMES = ("dx", "dy", "dz", "dyaw", "gripper")  # m, m, m, rad, opening
ACTION_LOW = np.array([-0.03, -0.03, -0.03, -0.4, 0.0])
ACTION_HIGH = np.array([0.03, 0.03, 0.03, 0.4, 1.0])
ACTION_LOW.setflags(write=False)
ACTION_HIGH.setflags(write=False)
_BOUNDS = tuple(zip(ACTION_LOW.tolist(), ACTION_HIGH.tolist(), strict=True))
OUTSIDE_M = 0.01  # a tool that is not even this far outside the workspace is brought back by its next step
LEASH_M = 0.05  # the commanded tool never runs further than this from the measured one

_JOINTS = 5
STATE_NAMES = (
    *(f"q{index}" for index in range(_JOINTS)),
    *(f"dq{index}" for index in range(_JOINTS)),
    "gripper",
    *("tool_x", "tool_y", "tool_z", "sin_2yaw", "cos_2yaw", "tilt"),
    *("sent_x", "sent_y", "sent_z", "sent_sin_2yaw", "sent_cos_2yaw", "sent_gripper"),
)  # 23


@dataclass(frozen=True)
class CartesianRange:
    """Names and bounds of Cartesian actions, for whoever plans or learns them and moves no arm."""

    names: tuple[str, ...] = ACTION_NAMES
    low: Floats = field(default_factory=lambda: ACTION_LOW)
    high: Floats = field(default_factory=lambda: ACTION_HIGH)

    def hold(self, sent: ArmCommand) -> Floats:
        """Return the action (5,) that keeps the commanded tool and gripper where they are."""
        return np.array([0.0, 0.0, 0.0, 0.0, sent.gripper])


@dataclass(frozen=True)
class CartesianActions:
    """Turns actions into joint targets for one arm."""

    kinematics: Kinematics

    def target(self, action: ArrayLike, state: ArmState, sent: ArmCommand) -> ArmTarget:
        """What `action` (5,) asks of the arm that measured `state` while `sent` was in force.

        The action is clipped to its bounds. One that is not finite asks for what is not finite, which the arm's
        limits answer with a hold.
        """
        asked = np.asarray(action, dtype=np.float64)
        if asked.shape != (len(ACTION_NAMES),) or not all(map(math.isfinite, asked.tolist())):
            return ArmTarget(np.full_like(sent.q_rad, np.nan), float("nan"))
        step = [min(max(each, low), high) for each, (low, high) in zip(asked.tolist(), _BOUNDS, strict=True)]
        pose = self._stepped(step, state, sent)
        return ArmTarget(self.kinematics.solve(pose, sent.q_rad), step[4])

    def _stepped(self, step: list[float], state: ArmState, sent: ArmCommand) -> ToolPose:
        commanded = self.kinematics.forward(sent.q_rad)
        commanded_m = commanded.position_m.tolist()
        measured_m = self.kinematics.forward(state.q_rad).position_m.tolist()
        ahead = [start + way - now for start, way, now in zip(commanded_m, step[:3], measured_m, strict=True)]
        leash = min(1.0, LEASH_M / max(math.hypot(*ahead), 1e-9))
        wanted_m = [now + leash * each for now, each in zip(measured_m, ahead, strict=True)]
        return ToolPose(self._inside(wanted_m, commanded_m), wrapped_yaw(commanded.yaw_rad + step[3]))

    def _inside(self, wanted_m: list[float], commanded_m: list[float]) -> Floats:
        """`wanted_m` (3,) kept in the arm's workspace, so that the tool slides along a wall instead of stopping at it.

        Where the commanded tool is well outside, as an arm may be found, it goes no further out.
        """
        spec, kept = self.kinematics.spec, []
        walls = zip(spec.workspace_min_m.tolist(), spec.workspace_max_m.tolist(), strict=True)
        for wanted, now, (low, high) in zip(wanted_m, commanded_m, walls, strict=True):
            nearest = now if now < low - OUTSIDE_M else low
            furthest = now if now > high + OUTSIDE_M else high
            kept.append(min(max(wanted, nearest), furthest))
        return np.array(kept)


def state_vector(state: ArmState, sent: ArmCommand, kinematics: Kinematics) -> NDArray[np.float32]:
    """The arm as models see it, float32 (23,), in the order of STATE_NAMES.

    Angles and speeds of the first five joints (zeros where an arm has fewer), the measured and the commanded tool.
    Yaws are given as sine and cosine of twice the angle, which a turn by pi leaves alone.
    """
    tool, tool_sent = kinematics.forward(state.q_rad), kinematics.forward(sent.q_rad)
    measured = [*_five(state.q_rad), *_five(state.dq_rad_s), state.gripper]
    pose = [*_pose(tool), kinematics.tilt(state.q_rad)]
    return np.array([*measured, *pose, *_pose(tool_sent), sent.gripper], dtype=np.float32)


def _five(values: Floats) -> list[float]:
    return [*values[:_JOINTS].tolist(), *[0.0] * (_JOINTS - len(values))]


def _pose(tool: ToolPose) -> list[float]:
    return [*tool.position_m.tolist(), math.sin(2 * tool.yaw_rad), math.cos(2 * tool.yaw_rad)]
