"""A pool of bodies for things, compiled once; each episode sets their size, colour, mass and pose.

Unused bodies lie under the table, weightless and without contacts, exactly as compiled, so that an episode leaves no
trace in the next. Knows no names: a slot is a number within its kind.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

from robot_wm.types import Floats
from sim.arm_model import ARM, AWAY, FIXED, IN_USE, MOVABLE
from sim.layout import BIN_WALL_M, Placement
from sim.scene_config import BINS_MAX, MOVABLES_MAX, PADS_MAX

_AWAY_Z_M = -0.5
_FLOOR_M = 0.001  # half thickness of a bin's floor
_CHANGED = (  # fields of the model that placing a thing changes
    *("geom_type", "geom_size", "geom_pos", "geom_aabb", "geom_rbound", "geom_rgba", "geom_friction"),
    *("geom_group", "geom_contype", "geom_conaffinity", "body_mass", "body_inertia", "body_gravcomp"),
)
_TURNING_DAMPING = 5e-5  # N m s/rad: in place of rolling friction: a cylinder on its side stops within a few cm
_TABLE_FRICTION = 0.3  # low, so that the thing's own friction counts (MuJoCo takes the greater)


@dataclass(frozen=True)
class Material:
    """Colour, mass and friction of a thing."""

    rgba: Floats  # (4,)
    mass_kg: float
    friction: float


def add_pool(spec: mujoco.MjSpec) -> None:
    """Add the table and all slots to `spec`."""
    world = spec.worldbody
    world.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[1.2, 1.2, 0.05],
        contype=FIXED,
        conaffinity=0,
        friction=[_TABLE_FRICTION, 0.005, 0.0001],
    )
    for slot in range(MOVABLES_MAX):
        _add_movable(world, f"movable{slot}", slot)
    for slot in range(PADS_MAX):
        body = world.add_body(name=f"pad{slot}", mocap=True, pos=[0.0, 0.2 * slot, _AWAY_Z_M])
        _add_box(body, f"pad{slot}", collides=False)
    for slot in range(BINS_MAX):
        body = world.add_body(name=f"bin{slot}", mocap=True, pos=[0.3, 0.2 * slot, _AWAY_Z_M])
        for part in range(5):
            _add_box(body, f"bin{slot}_{part}", collides=True)


def _add_movable(world: mujoco.MjsBody, name: str, slot: int) -> None:
    body = world.add_body(name=name, pos=[-0.5, 0.2 * slot, _AWAY_Z_M], gravcomp=1.0)
    body.add_freejoint(name=name)
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.015] * 3,
        mass=0.03,
        condim=4,
        group=AWAY,
        contype=0,
        conaffinity=0,
        solref=[0.01, 1.0],
    )


def _add_box(body: mujoco.MjsBody, name: str, collides: bool) -> None:
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.04, 0.04, 0.001],
        group=AWAY,
        contype=FIXED if collides else 0,
        conaffinity=0,
        friction=[_TABLE_FRICTION, 0.005, 0.0001],
    )


class Pool:
    """The slots of one compiled model."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self._model, self._data = model, data
        self._as_compiled = {field: getattr(model, field).copy() for field in _CHANGED}

    def clear(self) -> None:
        """Put all bodies away. Poses are in the data, which must be reset as well."""
        for field, values in self._as_compiled.items():
            getattr(self._model, field)[:] = values

    def put(self, slot: int, placement: Placement, material: Material) -> None:
        """Place a thing on the table, as slot `slot` of its kind."""
        if placement.kind == "pad":
            self._put_pad(slot, placement, material)
        elif placement.kind == "bin":
            self._put_bin(slot, placement, material)
        else:
            self._put_movable(slot, placement, material)

    def _put_movable(self, slot: int, placement: Placement, material: Material) -> None:
        model = self._model
        geom, body = model.geom(f"movable{slot}").id, model.body(f"movable{slot}").id
        model.geom_contype[geom], model.geom_conaffinity[geom] = MOVABLE, FIXED | MOVABLE | ARM
        model.body_gravcomp[body] = 0.0
        half, tall = placement.half_width_m, placement.half_height_m
        cylinder = placement.kind == "cylinder"
        model.geom_type[geom] = mujoco.mjtGeom.mjGEOM_CYLINDER if cylinder else mujoco.mjtGeom.mjGEOM_BOX
        self._bring(geom, [half, tall, 0.0] if cylinder else [half, half, tall], np.array([half, half, tall]), cylinder)
        model.geom_rgba[geom] = material.rgba
        model.geom_friction[geom] = [material.friction, 0.005, 0.0001]
        model.body_mass[body] = material.mass_kg
        model.body_inertia[body] = _inertia(material.mass_kg, half, tall, cylinder)
        turning = model.joint(f"movable{slot}").dofadr[0] + 3
        model.dof_damping[turning : turning + 3] = _TURNING_DAMPING
        address = model.joint(f"movable{slot}").qposadr[0]
        self._data.qpos[address : address + 7] = [placement.x_m, placement.y_m, tall, *_yawed(placement.yaw_rad)]

    def _put_pad(self, slot: int, placement: Placement, material: Material) -> None:
        geom = self._model.geom(f"pad{slot}").id
        half = np.array([placement.half_width_m, placement.half_width_m, placement.half_height_m])
        self._bring(geom, half, half, cylinder=False)
        self._model.geom_rgba[geom] = material.rgba
        self._stand(f"pad{slot}", placement, placement.half_height_m)

    def _put_bin(self, slot: int, placement: Placement, material: Material) -> None:
        inner, tall, wall = placement.half_width_m, placement.half_height_m, BIN_WALL_M / 2
        beside, outer = inner + wall, inner + 2 * wall
        parts = [([0.0, 0.0, _FLOOR_M], [inner, inner, _FLOOR_M])]
        parts += [([sign * beside, 0.0, tall], [wall, outer, tall]) for sign in (-1.0, 1.0)]
        parts += [([0.0, sign * beside, tall], [outer, wall, tall]) for sign in (-1.0, 1.0)]
        for part, (centre, half) in enumerate(parts):
            geom = self._model.geom(f"bin{slot}_{part}").id
            self._bring(geom, half, np.array(half), cylinder=False)
            self._model.geom_pos[geom] = centre
            self._model.geom_rgba[geom] = material.rgba
            self._model.geom_friction[geom, 0] = material.friction
        self._stand(f"bin{slot}", placement, 0.0)

    def _stand(self, body: str, placement: Placement, z_m: float) -> None:
        mocap = self._mocap_id(body)
        self._data.mocap_pos[mocap] = [placement.x_m, placement.y_m, z_m]
        self._data.mocap_quat[mocap] = _yawed(placement.yaw_rad)

    def _mocap_id(self, body: str) -> int:
        return int(self._model.body(body).mocapid[0])

    def _bring(self, geom: int, size: list[float] | Floats, half_box: Floats, cylinder: bool) -> None:
        """Set a geom's size and its bounding volumes, and show it."""
        model = self._model
        model.geom_group[geom] = IN_USE
        model.geom_size[geom] = size
        model.geom_aabb[geom] = [0.0, 0.0, 0.0, *half_box]
        model.geom_rbound[geom] = np.hypot(*half_box[1:]) if cylinder else np.linalg.norm(half_box)


def _yawed(yaw_rad: float) -> list[float]:
    """Return the quaternion (w, x, y, z) of a rotation about z."""
    return [float(np.cos(yaw_rad / 2)), 0.0, 0.0, float(np.sin(yaw_rad / 2))]


def _inertia(mass_kg: float, half_m: float, tall_m: float, cylinder: bool) -> list[float]:
    """Return the principal moments of inertia (3,) of a solid box or upright cylinder, kg m^2."""
    if cylinder:
        across = mass_kg * (3 * half_m**2 + (2 * tall_m) ** 2) / 12
        return [across, across, mass_kg * half_m**2 / 2]
    across = mass_kg * ((2 * half_m) ** 2 + (2 * tall_m) ** 2) / 12
    return [across, across, mass_kg * 2 * (2 * half_m) ** 2 / 12]
