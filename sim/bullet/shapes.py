"""Conversion of a MuJoCo model's primitive geoms to PyBullet shapes. Knows no arm and no table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pybullet

from robot_wm.errors import ConfigError
from robot_wm.types import Floats
from sim.bullet.client import Client

NOTHING = -1  # PyBullet's id of no shape
_KINDS = {
    mujoco.mjtGeom.mjGEOM_BOX: pybullet.GEOM_BOX,
    mujoco.mjtGeom.mjGEOM_CYLINDER: pybullet.GEOM_CYLINDER,
    mujoco.mjtGeom.mjGEOM_CAPSULE: pybullet.GEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_SPHERE: pybullet.GEOM_SPHERE,
    mujoco.mjtGeom.mjGEOM_PLANE: pybullet.GEOM_BOX,
}
_CYLINDER = Path(__file__).parents[1] / "assets" / "cylinder.obj"
_TABLE_M = 0.05  # half thickness of the box that stands for a plane


@dataclass(frozen=True)
class Shape:
    """One geom, placed in the frame of the rigid body that it is part of. Lengths in metres."""

    kind: int  # PyBullet's
    half_extents_m: Floats  # (3,) of boxes
    radius_m: float
    length_m: float  # of cylinders, and of capsules without their caps
    position_m: Floats  # (3,)
    turn: Floats  # (4,) quaternion x, y, z, w
    rgba: Floats  # (4,)
    friction: Floats  # (3,) sliding; torsional, m; rolling, m
    group: int  # collision bits, as in the model
    mask: int

    @property
    def collides(self) -> bool:
        """Whether it takes part in contacts."""
        return bool(self.group or self.mask)


def xyzw(quaternion: Floats) -> Floats:
    """Return a MuJoCo quaternion (w, x, y, z) in PyBullet's order."""
    return np.roll(quaternion, -1)


def wxyz(quaternion: Sequence[float]) -> Floats:
    """Return a PyBullet quaternion (x, y, z, w) in MuJoCo's order."""
    return np.roll(quaternion, 1)


def root_of(model: mujoco.MjModel, body: int) -> int:
    """Return the rigid body that a body is part of: the nearest ancestor that moves by itself, or the world."""
    while body != 0 and model.body_jntnum[body] == 0 and model.body_mocapid[body] < 0:
        body = int(model.body_parentid[body])
    return body


def shapes_of(model: mujoco.MjModel, data: mujoco.MjData, root: int) -> list[Shape]:
    """Return every geom that is part of a rigid body."""
    return [
        _shape(model, data, geom, root)
        for geom in range(model.ngeom)
        if root_of(model, int(model.geom_bodyid[geom])) == root
    ]


def _shape(model: mujoco.MjModel, data: mujoco.MjData, geom: int, root: int) -> Shape:
    """Return a geom in the frame of body `root`, to which it is rigidly attached.

    Raises:
        ConfigError: It is a mesh or another shape that has no counterpart.
    """
    kind = mujoco.mjtGeom(model.geom_type[geom])
    if kind not in _KINDS:
        raise ConfigError(
            f"geom {model.geom(geom).name!r} is of kind {kind.name}; the PyBullet arm takes boxes, cylinders, "
            "capsules and spheres; use --arm mujoco"
        )
    position, turn, size = *_placed(model, data, geom, root), model.geom_size[geom]
    if kind == mujoco.mjtGeom.mjGEOM_PLANE:
        size, position = np.array([*size[:2], _TABLE_M]), position - [0.0, 0.0, _TABLE_M]
    affinity, contact = int(model.geom_conaffinity[geom]), int(model.geom_contype[geom])
    return Shape(
        kind=_KINDS[kind],
        half_extents_m=np.array(size),
        radius_m=float(size[0]),
        length_m=2.0 * float(size[1]),
        position_m=position,
        turn=turn,
        rgba=model.geom_rgba[geom].astype(np.float64),
        friction=np.array(model.geom_friction[geom]),
        group=contact,
        mask=affinity,
    )


def _placed(model: mujoco.MjModel, data: mujoco.MjData, geom: int, root: int) -> tuple[Floats, Floats]:
    """Return position (3,) and quaternion (x, y, z, w) of a geom in a body's frame."""
    R_base_root = data.xmat[root].reshape(3, 3)
    turned = np.empty(4)
    mujoco.mju_mat2Quat(turned, (R_base_root.T @ data.geom_xmat[geom].reshape(3, 3)).ravel())
    return R_base_root.T @ (data.geom_xpos[geom] - data.xpos[root]), xyzw(turned)


def add_collision(client: Client, shapes: Sequence[Shape]) -> int:
    """Create one collision shape of all that collide; return its id, or NOTHING."""
    solid = [shape for shape in shapes if shape.collides]
    if not solid:
        return NOTHING
    places = {
        "collisionFramePositions": [shape.position_m.tolist() for shape in solid],
        "collisionFrameOrientations": [shape.turn.tolist() for shape in solid],
    }
    return int(client.createCollisionShapeArray(**_sizes(solid), **places))


def add_visual(client: Client, shapes: Sequence[Shape]) -> int:
    """Create one visual shape of all that are visible; return its id, or NOTHING.

    Cylinders are drawn as a mesh: PyBullet's own look like capsules.
    """
    seen = [shape for shape in shapes if shape.rgba[3] > 0.0]
    if not seen:
        return NOTHING
    sizes = _sizes(seen)
    sizes["shapeTypes"] = [pybullet.GEOM_MESH if _is_cylinder(shape) else shape.kind for shape in seen]
    return int(
        client.createVisualShapeArray(
            **sizes,
            fileNames=[str(_CYLINDER) if _is_cylinder(shape) else "" for shape in seen],
            meshScales=[[shape.radius_m, shape.radius_m, shape.length_m / 2] for shape in seen],
            visualFramePositions=[shape.position_m.tolist() for shape in seen],
            visualFrameOrientations=[shape.turn.tolist() for shape in seen],
            rgbaColors=[_rounded_up(shape.rgba) for shape in seen],
        )
    )


def _is_cylinder(shape: Shape) -> bool:
    return shape.kind == pybullet.GEOM_CYLINDER


def _rounded_up(rgba: Floats) -> list[float]:
    """Return a colour that is right after the renderer's truncation to 1/255."""
    return np.minimum(rgba + 0.5 / 255, 1.0).tolist()


def _sizes(shapes: Sequence[Shape]) -> dict[str, Any]:
    return {
        "shapeTypes": [shape.kind for shape in shapes],
        "halfExtents": [shape.half_extents_m.tolist() for shape in shapes],
        "radii": [shape.radius_m for shape in shapes],
        "lengths": [shape.length_m for shape in shapes],
    }
