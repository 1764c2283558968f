"""The arm's state as models see it: joints, gripper, measured and commanded tool, one float32 vector.

For n joints: q0.., dq0.., gripper, measured tool (6 numbers), commanded tool (5 numbers) and commanded gripper, so
2 n + 13 numbers. The joints come first and everything else counts from the end, whatever n is. Knows no model.
"""

import math

import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import ConfigError
from robot_wm.kinematics import Kinematics, ToolPose
from robot_wm.types import ArmCommand, ArmState

_AFTER_JOINTS = (
    "gripper",
    *("tool_x", "tool_y", "tool_z", "sin_2yaw", "cos_2yaw", "tilt"),
    *("sent_x", "sent_y", "sent_z", "sent_sin_2yaw", "sent_cos_2yaw", "sent_gripper"),
)


def state_names(n_joints: int) -> tuple[str, ...]:
    """Return the names of the 2 n + 13 numbers of an arm of n joints, in order.

    Lengths are in m, angles in rad (m for slide joints), speeds a second. Yaws are given as sine and cosine of twice
    the angle, which turning the gripper by pi leaves unchanged.
    """
    positions = (f"q{index}" for index in range(n_joints))
    speeds = (f"dq{index}" for index in range(n_joints))
    return (*positions, *speeds, *_AFTER_JOINTS)


def state_vector(state: ArmState, sent: ArmCommand, kinematics: Kinematics) -> NDArray[np.float32]:
    """Return the state vector of an arm in the order of `state_names`.

    Args:
        state: What the arm measured.
        sent: The command in force when it was measured.
        kinematics: Of the same arm.

    Returns:
        float32 (2 n + 13,).

    Raises:
        ConfigError: `state` has another number of joints than `kinematics`; none is cut off and none is made up.
    """
    if len(state.q_rad) != kinematics.spec.n_joints:
        raise ConfigError(
            f"arm {kinematics.spec.name!r} has {kinematics.spec.n_joints} joints, received {len(state.q_rad)} joint "
            "angles; give the configuration of the arm that measured them"
        )
    tool, tool_sent = kinematics.forward(state.q_rad), kinematics.forward(sent.q_rad)
    measured = [*state.q_rad.tolist(), *state.dq_rad_s.tolist(), state.gripper]
    pose = [*_pose(tool), kinematics.tilt(state.q_rad)]
    return np.array([*measured, *pose, *_pose(tool_sent), sent.gripper], dtype=np.float32)


def _pose(tool: ToolPose) -> list[float]:
    return [*tool.position_m.tolist(), math.sin(2 * tool.yaw_rad), math.cos(2 * tool.yaw_rad)]
