"""Check that a compiled arm meets what the simulator assumes; every refusal names the remedy.

Every joint between base and tool is driven, the rest pose and the tool frame are usable
(`ArmDescription.check`), and the jaws open along the tool's x axis.
"""

import math

import mujoco
import numpy as np

from robot_wm.arm_description import ArmDescription
from robot_wm.errors import ConfigError
from robot_wm.kinematics import Kinematics
from sim.arm_config import ArmConfig
from sim.arm_model import Gripper
from sim.fingers import finger_motion, posed, tool_rotation
from sim.servo import BACKLASH
from sim.skeleton import chain_to_site

JAW_MAX_RAD = math.radians(30.0)  # of the jaws' motion from the tool's x axis


def checked_description(
    config: ArmConfig, model: mujoco.MjModel, kinematics: Kinematics, gripper: Gripper
) -> ArmDescription:
    """Describe a compiled arm and check it.

    Args:
        config: The arm.
        model: The compiled scene with the arm in it.
        kinematics: The arm's kinematics.
        gripper: The gripper's joint angles when closed and when open.

    Returns:
        The description, with the scene's wrist camera.

    Raises:
        ConfigError: The arm cannot be used; the message says what to change.
    """
    _check_chain(config, model)
    description = ArmDescription.from_kinematics(kinematics, model)
    description.check()
    _check_jaws(config, model, gripper)
    return description


def _check_chain(config: ArmConfig, model: mujoco.MjModel) -> None:
    """Raise ConfigError unless the named joints are exactly those that move the tool."""
    bodies = chain_to_site(model, config.tool_frame)
    moving = [model.joint(index).name for index in range(model.njnt) if int(model.jnt_bodyid[index]) in bodies]
    moving = [name for name in moving if not name.endswith(BACKLASH)]
    undriven = [name or "(unnamed)" for name in moving if name not in config.joint_names]
    if undriven:
        raise ConfigError(
            f"arm {config.name!r}: the joints {', '.join(undriven)} move the tool and are not in joint_names; "
            "add them, or remove them from the model"
        )
    idle = [name for name in config.joint_names if name not in moving]
    if idle:
        raise ConfigError(
            f"arm {config.name!r}: the joints {', '.join(idle)} do not move the tool frame {config.tool_frame!r}; "
            f"those that do: {', '.join(moving)}. Correct joint_names, or put the tool frame on the last link"
        )


def _check_jaws(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper) -> None:
    """Raise ConfigError unless the fingers move along the tool's x axis."""
    if not config.gripper_joints:
        return
    rotation = tool_rotation(config, posed(config, model, gripper, 0.5))
    moved = finger_motion(config, model, gripper) @ rotation  # (f, 3), tool frame
    moved[:, 2] = 0.0
    along = np.linalg.eigh(moved.T @ moved)[1][:, -1]  # the principal direction of motion
    off = math.acos(min(abs(along.item(0)), 1.0))
    if off > JAW_MAX_RAD:
        turn = math.atan2(along.item(1), along.item(0))
        direction = ", ".join(f"{each:.2f}" for each in along.tolist())
        raise ConfigError(
            f"arm {config.name!r}: the jaws must open along the x axis of the tool frame {config.tool_frame!r}; they "
            f"open along ({direction}) in it, {math.degrees(off):.0f} degrees off. Turn the frame about its z axis "
            f"by {math.degrees(turn):.0f} degrees: give tool_body, tool_pos_m and tool_quat"
        )
