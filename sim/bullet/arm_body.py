"""The arm of a MuJoCo model as one PyBullet multibody: its hinges become links. Knows no servos and no table.

PyBullet knows no armature, the inertia of a geared rotor about its own joint. It is added to the links' inertias
instead, where links further up the chain feel it too; consecutive joints about the same axis share it so that their
mean is right. Without it the links are so light that servos with a D term make them oscillate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
import pybullet

from robot_wm.errors import ConfigError
from robot_wm.types import Floats
from sim.bullet.client import Client
from sim.bullet.contact import set_contact
from sim.bullet.shapes import Shape, add_collision, add_visual, root_of, shapes_of, xyzw

_ALIKE = 0.99  # cosine between axes that count as the same
_EPSILON_M = 1e-9
_CONJUGATE = np.array([1.0, -1.0, -1.0, -1.0])


@dataclass(frozen=True)
class ArmBody:
    """An arm in a PyBullet world. Link i is moved by joint i of `joints`."""

    body: int
    joints: tuple[int, ...]  # ids in the MuJoCo model


def add_arm(client: Client, model: mujoco.MjModel, data: mujoco.MjData) -> ArmBody:
    """Create the arm in the pose of `data`."""
    joints = tuple(int(each) for each in np.flatnonzero(model.jnt_type == mujoco.mjtJoint.mjJNT_HINGE))
    roots = [int(model.jnt_bodyid[joint]) for joint in joints]
    shapes, places = [shapes_of(model, data, root) for root in roots], [_in_parent(model, root) for root in roots]
    body = int(
        client.createMultiBody(
            baseMass=0.0,
            linkMasses=[float(model.body_mass[root]) for root in roots],
            linkCollisionShapeIndices=[add_collision(client, each) for each in shapes],
            linkVisualShapeIndices=[add_visual(client, each) for each in shapes],
            linkPositions=[position.tolist() for position, _ in places],
            linkOrientations=[turn.tolist() for _, turn in places],
            linkInertialFramePositions=[model.body_ipos[root].tolist() for root in roots],
            linkInertialFrameOrientations=[xyzw(model.body_iquat[root]).tolist() for root in roots],
            linkParentIndices=[_parent_link(model, root, roots) for root in roots],
            linkJointTypes=[pybullet.JOINT_REVOLUTE] * len(roots),
            linkJointAxis=[model.jnt_axis[joint].tolist() for joint in joints],
        )
    )
    arm = ArmBody(body, joints)
    for link, inertia in enumerate(_inertias(model, data, joints)):
        _set_link(client, model, arm, link, inertia, shapes[link])
    return arm


def _parent_link(model: mujoco.MjModel, root: int, roots: Sequence[int]) -> int:
    """Return PyBullet's index of a link's parent: 0 is the base, link i is i + 1."""
    parent = root_of(model, int(model.body_parentid[root]))
    return roots.index(parent) + 1 if parent in roots else 0


def _in_parent(model: mujoco.MjModel, root: int) -> tuple[Floats, Floats]:
    """Return position (3,) and quaternion (x, y, z, w) of a link's frame in its parent's at joint angle 0."""
    parent, body = root_of(model, int(model.body_parentid[root])), root
    position, turn = np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])
    while body != parent:
        mujoco.mju_rotVecQuat(position, position.copy(), model.body_quat[body])
        position += model.body_pos[body]
        mujoco.mju_mulQuat(turn, model.body_quat[body], turn.copy())
        body = int(model.body_parentid[body])
    return position, xyzw(turn)


def _inertias(model: mujoco.MjModel, data: mujoco.MjData, joints: Sequence[int]) -> list[Floats]:
    """Return the principal moments (3,) of every link, its share of the armature included, kg m^2."""
    runs = _runs(data.xaxis[list(joints)])
    inertias = []
    for joint, run in zip(joints, runs, strict=True):
        body, armature = int(model.jnt_bodyid[joint]), float(model.dof_armature[model.jnt_dofadr[joint]])
        axis = np.empty(3)  # in the frame of the principal moments
        mujoco.mju_rotVecQuat(axis, model.jnt_axis[joint], model.body_iquat[body] * _CONJUGATE)
        inertias.append(model.body_inertia[body] + 2.0 / (run + 1) * armature * axis**2)
    return inertias


def _runs(axes: Floats) -> list[int]:
    """Return for each axis of (n, 3) how many consecutive axes, itself included, are parallel to it."""
    same = [abs(one @ other) > _ALIKE for one, other in pairwise(axes)]
    starts = [0, *(place + 1 for place, alike in enumerate(same) if not alike), len(axes)]
    return [end - start for start, end in pairwise(starts) for _ in range(start, end)]


def _set_link(
    client: Client,
    model: mujoco.MjModel,
    arm: ArmBody,
    link: int,
    inertia: Floats,
    shapes: Sequence[Shape],
) -> None:
    """Set a link's joint range, inertia and contact parameters.

    Raises:
        ConfigError: The joint's anchor is not its body's origin.
    """
    joint = arm.joints[link]
    if np.abs(model.jnt_pos[joint]).max() > _EPSILON_M:
        raise ConfigError(
            f"joint {model.joint(joint).name!r} does not turn about its body's origin, as the PyBullet arm requires; "
            "use --arm mujoco"
        )
    low, high = model.jnt_range[joint].tolist()
    client.changeDynamics(arm.body, link, localInertiaDiagonal=inertia.tolist())
    client.changeDynamics(arm.body, link, jointLowerLimit=low, jointUpperLimit=high)
    set_contact(client, arm.body, link, shapes)
