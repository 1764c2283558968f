"""Check that a compiled arm is what the rest of the program takes it for: what does not fit is named with its cure.

The tool's z axis is the way it points and its x axis the way the jaws open; at the rest pose it points straight down,
inside the workspace; every joint between base and tool is driven.
"""

import math

import mujoco
import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.types import ArmSpec, Floats
from sim.arm_config import ArmConfig
from sim.arm_model import Gripper
from sim.skeleton import chain_to_site

TILT_MAX_RAD = 0.2  # of the tool at the rest pose, from straight down
JAW_MAX_RAD = math.radians(30.0)  # of the jaws' motion from the tool's x axis
_SLACK_M, _SLACK_RAD = 1e-3, 1e-3


def check_arm(config: ArmConfig, model: mujoco.MjModel, spec: ArmSpec, gripper: Gripper) -> None:
    """Raise ConfigError for the first thing about the arm that does not fit."""
    _check_chain(config, model)
    _check_ranges(config, spec)
    data = posed(config, model, gripper, 0.0)
    _check_tool(config, data)
    _check_box(config, data)
    _check_jaws(config, model, gripper)


def posed(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper, opening: float) -> mujoco.MjData:
    """Return fresh data with the arm at rest and the gripper at an opening in [0, 1].

    Joints that follow the gripper's by an equality constraint are put where it asks.
    """
    data = mujoco.MjData(model)
    angles = [*config.q_rest_rad, *gripper.angles_rad(opening)]
    for name, angle in zip(config.all_joints, angles, strict=True):
        data.qpos[model.joint(name).qposadr[0]] = angle
    for index in np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_JOINT):
        follower, leader = (int(each[index]) for each in (model.eq_obj1id, model.eq_obj2id))
        if leader < 0 or model.joint(follower).name in config.all_joints:
            continue
        moved = data.qpos[model.jnt_qposadr[leader]] - model.qpos0[model.jnt_qposadr[leader]]
        share = sum(factor * moved**power for power, factor in enumerate(model.eq_data[index, :5].tolist()))
        data.qpos[model.jnt_qposadr[follower]] = model.qpos0[model.jnt_qposadr[follower]] + share
    mujoco.mj_kinematics(model, data)
    return data


def _check_chain(config: ArmConfig, model: mujoco.MjModel) -> None:
    """Every joint that moves the tool must be named, and every named one must move it."""
    bodies = chain_to_site(model, config.tool_frame)
    moving = [model.joint(index).name for index in range(model.njnt) if int(model.jnt_bodyid[index]) in bodies]
    moving = [name for name in moving if not name.endswith("_backlash")]
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


def _check_ranges(config: ArmConfig, spec: ArmSpec) -> None:
    for name, rest, low, high in zip(spec.joint_names, spec.q_rest_rad, spec.q_min_rad, spec.q_max_rad, strict=True):
        over = max(low - rest, rest - high)
        if over > _SLACK_RAD:
            raise ConfigError(
                f"arm {config.name!r}: q_rest_rad puts joint {name!r} at {rest:g}, {over:.3f} outside its range "
                f"[{low:g}, {high:g}]; choose a rest pose inside"
            )


def _check_tool(config: ArmConfig, data: mujoco.MjData) -> None:
    """The tool must point down at the rest pose."""
    pointing = _tool(config, data)[:, 2]
    tilt = math.acos(min(max(-pointing.item(2), -1.0), 1.0))
    if tilt > TILT_MAX_RAD:
        raise ConfigError(
            f"arm {config.name!r}: at q_rest_rad the z axis of the tool frame {config.tool_frame!r} must point "
            f"straight down, (0, 0, -1); it points along {_words(pointing)}, {math.degrees(tilt):.0f} degrees off. "
            "Choose q_rest_rad so that the tool points down, or, where the frame's axes are others, give tool_body, "
            "tool_pos_m and tool_quat for a frame whose z axis points out of the gripper"
        )


def _check_box(config: ArmConfig, data: mujoco.MjData) -> None:
    place = data.site(config.tool_frame).xpos.tolist()
    for axis, at, low, high in zip("xyz", place, config.workspace_min_m, config.workspace_max_m, strict=True):
        over = max(low - at, at - high)
        if over > _SLACK_M:
            raise ConfigError(
                f"arm {config.name!r}: at q_rest_rad the tool is at {_words(place)} m, {over:.3f} m outside the "
                f"workspace in {axis} (allowed: {low:g} to {high:g}); choose another q_rest_rad, or widen "
                "workspace_min_m and workspace_max_m"
            )


def _check_jaws(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper) -> None:
    """The fingers must move along the tool's x axis."""
    if not config.gripper_joints:
        return
    data = posed(config, model, gripper, 0.5)
    rotation = _tool(config, data)
    moved = finger_motion(config, model, gripper) @ rotation  # (f, 3), tool frame
    moved[:, 2] = 0.0
    along = np.linalg.eigh(moved.T @ moved)[1][:, -1]
    off = math.acos(min(abs(along.item(0)), 1.0))
    if off > JAW_MAX_RAD:
        turn = math.atan2(along.item(1), along.item(0))
        raise ConfigError(
            f"arm {config.name!r}: the jaws must open along the x axis of the tool frame {config.tool_frame!r}; they "
            f"open along {_words(along)} in it, {math.degrees(off):.0f} degrees off. Turn the frame about its z axis "
            f"by {math.degrees(turn):.0f} degrees: give tool_body, tool_pos_m and tool_quat"
        )


def finger_motion(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper) -> Floats:
    """Return how each body that the gripper's joints move is displaced by opening, (f, 3) m, base frame.

    What is displaced is the body's point nearest to the tool: its geoms' mean.
    """
    shut, opened = (posed(config, model, gripper, opening) for opening in (0.0, 1.0))
    fingers = finger_geoms(config, model)
    return np.array([opened.geom_xpos[geom] - shut.geom_xpos[geom] for geom in fingers]).reshape(-1, 3)


def finger_geoms(config: ArmConfig, model: mujoco.MjModel) -> list[int]:
    """Return the colliding geoms on the bodies that the gripper's joints move."""
    roots = {int(model.jnt_bodyid[model.joint(name).id]) for name in config.gripper_joints}
    for index in np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_JOINT):
        pair = {int(model.jnt_bodyid[joint]) for joint in (model.eq_obj1id[index], model.eq_obj2id[index])}
        roots |= pair if pair & roots else set()
    moved = [body for body in range(model.nbody) if _is_below(model, body, roots)]
    return [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] in moved and model.geom_contype[geom]]


def _is_below(model: mujoco.MjModel, body: int, roots: set[int]) -> bool:
    while body and body not in roots:
        body = int(model.body_parentid[body])
    return body in roots


def _tool(config: ArmConfig, data: mujoco.MjData) -> Floats:
    """Return the rotation (3, 3) of the tool frame; its columns are x, y and z in the base frame."""
    return data.site(config.tool_frame).xmat.reshape(3, 3).copy()


def _words(vector: Floats | list[float]) -> str:
    return "(" + ", ".join(f"{float(each):.2f}" for each in vector) + ")"
