"""The gripper's fingers in a compiled model: which geoms they are and how they move. Knows no scene."""

import mujoco
import numpy as np

from robot_wm.types import Floats
from sim.arm_config import ArmConfig
from sim.arm_model import Gripper


def posed(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper, opening: float) -> mujoco.MjData:
    """Return new data with the arm at rest and the gripper at an opening in [0, 1].

    Joints coupled to the gripper's by an equality constraint are moved along.
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
        offset = sum(factor * moved**power for power, factor in enumerate(model.eq_data[index, :5].tolist()))
        data.qpos[model.jnt_qposadr[follower]] = model.qpos0[model.jnt_qposadr[follower]] + offset
    mujoco.mj_kinematics(model, data)
    return data


def tool_rotation(config: ArmConfig, data: mujoco.MjData) -> Floats:
    """Return the rotation (3, 3) of the tool frame; its columns are x, y and z in the base frame."""
    return data.site(config.tool_frame).xmat.reshape(3, 3).copy()


def finger_geoms(config: ArmConfig, model: mujoco.MjModel) -> list[int]:
    """Return the ids of the colliding geoms on the bodies that the gripper's joints move."""
    roots = {int(model.jnt_bodyid[model.joint(name).id]) for name in config.gripper_joints}
    for index in np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_JOINT):
        pair = {int(model.jnt_bodyid[joint]) for joint in (model.eq_obj1id[index], model.eq_obj2id[index])}
        roots |= pair if pair & roots else set()
    moved = [body for body in range(model.nbody) if _is_below(model, body, roots)]
    return [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] in moved and model.geom_contype[geom]]


def finger_motion(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper) -> Floats:
    """Return how far opening displaces the centre of each of `finger_geoms`, (f, 3) m, base frame."""
    closed, opened = (posed(config, model, gripper, opening) for opening in (0.0, 1.0))
    fingers = finger_geoms(config, model)
    return np.array([opened.geom_xpos[geom] - closed.geom_xpos[geom] for geom in fingers]).reshape(-1, 3)


def _is_below(model: mujoco.MjModel, body: int, roots: set[int]) -> bool:
    while body and body not in roots:
        body = int(model.body_parentid[body])
    return body in roots
