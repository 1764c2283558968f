"""Table, pads, bins and movable things of a MuJoCo model as PyBullet bodies. Knows no arm."""

from dataclasses import dataclass

import mujoco
import numpy as np

from robot_wm.types import Floats
from sim.bullet.client import Client
from sim.bullet.contact import set_contact
from sim.bullet.shapes import Shape, add_collision, add_visual, shapes_of, wxyz, xyzw

_HIDDEN_M = -0.4  # things that are put away lie below this


def add_fixed(client: Client, model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Add everything that never moves in an episode: table, the arm's base, pads and bins; a body for each geom."""
    roots = [0, *np.flatnonzero(model.body_mocapid >= 0).tolist()]
    for root in roots:
        if data.xpos[root][2] < _HIDDEN_M:
            continue
        for shape in shapes_of(model, data, root):
            body = client.createMultiBody(
                0.0,
                add_collision(client, [shape]),
                add_visual(client, [shape]),
                data.xpos[root].tolist(),
                xyzw(data.xquat[root]).tolist(),
            )
            set_contact(client, body, -1, [shape])


@dataclass(frozen=True)
class FreeBody:
    """A movable thing that is on the table."""

    body: int  # PyBullet's
    qpos: slice  # its pose in `data.qpos`: position, quaternion w, x, y, z
    qvel: slice  # its velocity in `data.qvel`: linear in the base frame, angular in its own


def add_movable(client: Client, model: mujoco.MjModel, data: mujoco.MjData) -> list[FreeBody]:
    """Add every movable thing that is on the table, at its pose in `data`."""
    made = []
    for joint in np.flatnonzero(model.jnt_type == mujoco.mjtJoint.mjJNT_FREE).tolist():
        root, qpos, qvel = int(model.jnt_bodyid[joint]), int(model.jnt_qposadr[joint]), int(model.jnt_dofadr[joint])
        shapes = shapes_of(model, data, root)
        if any(shape.collides for shape in shapes):
            body = _add_body(client, model, root, shapes, float(model.dof_damping[qvel + 3]))
            made.append(FreeBody(body, slice(qpos, qpos + 7), slice(qvel, qvel + 6)))
            put(client, data, made[-1])
    return made


def _add_body(client: Client, model: mujoco.MjModel, root: int, shapes: list[Shape], turning_damping: float) -> int:
    mass_kg, inertia = float(model.body_mass[root]), model.body_inertia[root]
    body = int(client.createMultiBody(mass_kg, add_collision(client, shapes), add_visual(client, shapes)))
    set_contact(client, body, -1, shapes)
    client.changeDynamics(body, -1, localInertiaDiagonal=inertia.tolist())
    client.changeDynamics(body, -1, angularDamping=turning_damping / float(inertia.mean()))  # a rate, 1/s
    return body


def put(client: Client, data: mujoco.MjData, thing: FreeBody) -> None:
    """Set a thing to its pose and velocity in `data`."""
    position_m, turn = data.qpos[thing.qpos][:3], data.qpos[thing.qpos][3:]
    linear, angular = data.qvel[thing.qvel][:3], _turned(data.qvel[thing.qvel][3:], turn)
    client.resetBasePositionAndOrientation(thing.body, position_m.tolist(), xyzw(turn).tolist())
    client.resetBaseVelocity(thing.body, linear.tolist(), angular.tolist())


def read_back(client: Client, data: mujoco.MjData, thing: FreeBody) -> None:
    """Write a thing's pose and velocity to `data`."""
    position_m, turn = client.getBasePositionAndOrientation(thing.body)
    linear, angular = client.getBaseVelocity(thing.body)
    quaternion = wxyz(turn)
    data.qpos[thing.qpos] = [*position_m, *quaternion]
    data.qvel[thing.qvel] = [*linear, *_turned(np.array(angular), quaternion * [1.0, -1.0, -1.0, -1.0])]


def _turned(vector: Floats, quaternion: Floats) -> Floats:
    """Return a vector (3,) rotated by a quaternion (w, x, y, z)."""
    turned = np.empty(3)
    mujoco.mju_rotVecQuat(turned, vector, quaternion)
    return turned
