"""Proprioception: the state of an arm as a float32 vector, the input of models.

For n joints: q0.., dq0.., gripper, measured tool (6), commanded tool (5) and commanded gripper (1), which makes
2 n + 13 components. Joints come first; everything else is indexed from the end, independent of n. Knows no model.
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
    """Return the names of the 2 n + 13 components for an arm of n joints, in order.

    Units are m and rad (m for slide joints), and these per second. Yaw is given as sine and cosine of twice the angle,
    which are unchanged if the gripper turns by pi.
    """
    positions = (f"q{index}" for index in range(n_joints))
    speeds = (f"dq{index}" for index in range(n_joints))
    return (*positions, *speeds, *_AFTER_JOINTS)


def state_vector(state: ArmState, sent: ArmCommand, kinematics: Kinematics) -> NDArray[np.float32]:
    """Return the state vector of an arm in the order of `state_names`.

    Args:
        state: What the arm measured.
        sent: The command in force at the measurement.
        kinematics: Of the same arm.

    Returns:
        float32 (2 n + 13,).

    Raises:
        ConfigError: `state` and `kinematics` have different numbers of joints.
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
