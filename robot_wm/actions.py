"""The action and state vectors that models see, and what an action means to an arm.

An action is a step of the *commanded* tool pose in the base frame and an absolute gripper opening. Knows no model,
no simulator and no speed limits (those are the arm's).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats

ACTION_NAMES = ("dx", "dy", "dz", "dyaw", "gripper")  # m, m, m, rad, opening
ACTION_LOW = np.array([-0.03, -0.03, -0.03, -0.4, 0.0])
ACTION_HIGH = np.array([0.03, 0.03, 0.03, 0.4, 1.0])
ACTION_LOW.setflags(write=False)
ACTION_HIGH.setflags(write=False)
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
class CartesianActions:
    """Turns actions into joint targets for one arm."""

    kinematics: Kinematics

    def target(self, action: ArrayLike, state: ArmState, sent: ArmCommand) -> ArmTarget:
        """What `action` (5,) asks of the arm that measured `state` while `sent` was in force.

        The action is clipped to its bounds. One that is not finite asks for what is not finite, which the arm's
        limits answer with a hold.
        """
        asked = np.asarray(action, dtype=np.float64)
        if asked.shape != (len(ACTION_NAMES),) or not np.isfinite(asked).all():
            return ArmTarget(np.full_like(sent.q_rad, np.nan), float("nan"))
        step = np.clip(asked, ACTION_LOW, ACTION_HIGH)
        pose = self._stepped(step, state, sent)
        return ArmTarget(self.kinematics.solve(pose, sent.q_rad), float(step[4]))

    def _stepped(self, step: Floats, state: ArmState, sent: ArmCommand) -> ToolPose:
        commanded = self.kinematics.forward(sent.q_rad)
        measured_m = self.kinematics.forward(state.q_rad).position_m
        ahead = commanded.position_m + step[:3] - measured_m
        leash = min(1.0, LEASH_M / max(float(np.linalg.norm(ahead)), 1e-9))
        wanted_m = self._inside(measured_m + leash * ahead, commanded.position_m)
        return ToolPose(wanted_m, wrapped_yaw(commanded.yaw_rad + step[3]))

    def _inside(self, wanted_m: Floats, commanded_m: Floats) -> Floats:
        """`wanted_m` (3,) kept in the arm's workspace, so that the tool slides along a wall instead of stopping at it.

        Where the commanded tool is well outside, as an arm may be found, it goes no further out.
        """
        spec = self.kinematics.spec
        low = np.where(commanded_m < spec.workspace_min_m - OUTSIDE_M, commanded_m, spec.workspace_min_m)
        high = np.where(commanded_m > spec.workspace_max_m + OUTSIDE_M, commanded_m, spec.workspace_max_m)
        return np.clip(wanted_m, low, high)


def state_vector(state: ArmState, sent: ArmCommand, kinematics: Kinematics) -> NDArray[np.float32]:
    """The arm as models see it, float32 (23,), in the order of STATE_NAMES.

    Angles and speeds of the first five joints (zeros where an arm has fewer), the measured and the commanded tool.
    Yaws are given as sine and cosine of twice the angle, which a turn by pi leaves alone.
    """
    tool, tool_sent = kinematics.forward(state.q_rad), kinematics.forward(sent.q_rad)
    measured = [*_five(state.q_rad), *_five(state.dq_rad_s), state.gripper]
    pose = [*_pose(tool), kinematics.tilt(state.q_rad)]
    return np.array([*measured, *pose, *_pose(tool_sent), sent.gripper], dtype=np.float32)


def _five(values: Floats) -> Floats:
    return values[:_JOINTS] if len(values) >= _JOINTS else np.pad(values, (0, _JOINTS - len(values)))


def _pose(tool: ToolPose) -> list[float]:
    return [*tool.position_m, float(np.sin(2 * tool.yaw_rad)), float(np.cos(2 * tool.yaw_rad))]
