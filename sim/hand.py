"""The hand's geometry that the experts need: opening width, reach below the tool point, and what it can grip.

Measured from the model's collision shapes; figures in a file beside the MJCF (`NAME.figures.yaml`) have precedence.
"""

import math
from dataclasses import dataclass

import mujoco
import numpy as np

from robot_wm.types import Floats
from sim.arm_config import ArmConfig
from sim.arm_model import Gripper
from sim.fingers import finger_geoms, finger_motion, posed, tool_rotation

_OPENINGS = 11  # at which the jaws are measured
_DEEP_M = 0.04  # parts of the hand that reach lower than this above the tool point form its outline
_PARALLEL_RAD = math.radians(15.0)  # fingers that rotate less between closed and open are parallel
_TIP_M = 0.01  # shapes that end this near to the lowest end are fingertips
_WIDE_M = 0.04  # the thickest thing on a table, m
_FAR_M = 0.3  # cut-off of distance queries
_FACE_MAX_M = 0.02  # half width of the fingers with which things can be pushed


@dataclass(frozen=True)
class SwingingJaw:
    """A jaw that swings about a pivot above the tool point towards a fixed finger."""

    pivot_m: float  # from the pivot down to the tool point
    parallel_deg: float  # the jaw's angle at which both fingers are parallel
    closed_deg: float  # where the opening is 0
    range_deg: float  # from there to an opening of 1


@dataclass(frozen=True)
class Hand:
    """A gripper's geometry about the tool point, in metres. One finger may be fixed; else both move alike."""

    below_m: float  # how far the fingers reach below the tool point
    open_radius_m: float  # clearance radius of the open hand
    closed_radius_m: float  # likewise of the closed fingers
    face_m: float = 0.010  # from the closed fingers' middle to the face that pushes
    fixed_m: float | None = None  # from the tool point to the fixed finger's inner face; None: both fingers move
    jaw: SwingingJaw | None = None
    widths_m: tuple[float, ...] = ()  # the gap between the fingers at evenly spaced openings from 0 to 1; rising
    cannot_grip: str = ""  # why nothing can be gripped; empty if things can be
    cannot_push: str = ""  # likewise pushed

    @property
    def lowest_m(self) -> float:
        """The tool point's height with the fingers just above the table."""
        return self.below_m + 0.004

    @property
    def fist_m(self) -> float:
        """The distance from the tool point back along the jaw axis to the middle of the closed fingers."""
        return 0.0 if self.fixed_m is None else self.fixed_m

    def opening_for(self, width_m: float) -> float:
        """Return the opening in [0, 1] at which the jaws are `width_m` apart at the tool point."""
        if self.jaw is not None:
            sine = min(max((width_m - 2 * self.fist_m) / self.jaw.pivot_m, -1.0), 1.0)
            angle = math.radians(self.jaw.parallel_deg) + math.asin(sine) - math.radians(self.jaw.closed_deg)
            return min(max(angle / math.radians(self.jaw.range_deg), 0.0), 1.0)
        if not self.widths_m:
            return 0.0
        return float(np.interp(width_m, self.widths_m, np.linspace(0.0, 1.0, len(self.widths_m))))

    def held_at_m(self, half_width_m: float) -> float:
        """Return how far along the jaw axis from the tool point a thing's centre is when it is held."""
        return 0.0 if self.fixed_m is None else half_width_m - self.fixed_m

    def beside_m(self, half_width_m: float, gap_m: float) -> float:
        """Return how far the tool point is from a thing's centre with `gap_m` between it and the fixed finger."""
        return 0.0 if self.fixed_m is None else self.fixed_m - gap_m - half_width_m


def measure_hand(config: ArmConfig, model: mujoco.MjModel, gripper: Gripper) -> Hand:
    """Measure the hand of a compiled arm at its rest pose.

    Args:
        config: The arm.
        model: The compiled scene with the arm in it.
        gripper: The gripper's joint angles when closed and when open.
    """
    fingers = finger_geoms(config, model)
    shut, opened = (posed(config, model, gripper, opening) for opening in (0.0, 1.0))
    rigid = _rigid_geoms(config, model, fingers)
    below_m, open_radius_m, _ = _outline(config, model, opened, [*fingers, *rigid])
    _, closed_radius_m, face_m = _outline(config, model, shut, fingers or rigid)
    if not fingers:
        reason = f"arm {config.name!r} has no gripper"
        return Hand(below_m, open_radius_m, closed_radius_m, cannot_grip=reason, cannot_push=reason)
    sides = _sides(config, model, gripper, fingers, rigid)
    widths_m = [
        _gap_m(model, posed(config, model, gripper, share), *sides)
        for share in np.linspace(0.0, 1.0, _OPENINGS).tolist()
    ]
    moving = [side for side in sides if set(side) & set(fingers)]
    fixed_m = None if len(moving) == 2 else _reach_m(config, model, opened, sides[1])
    cannot_grip = _grip_problem(config, model, fingers, shut, opened, widths_m)
    wide = f"the fingers of arm {config.name!r} are {2 * face_m:.3f} m wide; things need {2 * _FACE_MAX_M} m or less"
    return Hand(
        below_m=below_m,
        open_radius_m=open_radius_m,
        closed_radius_m=closed_radius_m,
        face_m=face_m,
        fixed_m=fixed_m,
        widths_m=tuple(np.maximum.accumulate(widths_m).tolist()),
        cannot_grip=cannot_grip,
        cannot_push=wide if face_m > _FACE_MAX_M else "",
    )


def _rigid_geoms(config: ArmConfig, model: mujoco.MjModel, fingers: list[int]) -> list[int]:
    """Return the colliding geoms that move with the tool frame and are no moving finger."""
    weld = int(model.body_weldid[model.site_bodyid[model.site(config.tool_frame).id]])
    same = [geom for geom in range(model.ngeom) if model.body_weldid[model.geom_bodyid[geom]] == weld]
    return [geom for geom in same if model.geom_contype[geom] and geom not in fingers]


def _corners(config: ArmConfig, model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> Floats:
    """Return the corners (8, 3) of a geom's bounding box in the tool's frame."""
    centre, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
    base = data.geom_xpos[geom] + (centre + signs * half) @ data.geom_xmat[geom].reshape(3, 3).T
    site = data.site(config.tool_frame)
    return (base - site.xpos) @ site.xmat.reshape(3, 3)


def _outline(
    config: ArmConfig, model: mujoco.MjModel, data: mujoco.MjData, geoms: list[int]
) -> tuple[float, float, float]:
    """Return how far geoms reach below the tool point, and along x and y where they are near it, m."""
    boxes = [_corners(config, model, data, geom) for geom in geoms]
    deep = [box for box in boxes if box[:, 2].max() > -_DEEP_M]
    if not deep:
        return 0.0, 0.01, 0.01
    points = np.concatenate(deep)
    return max(float(points[:, 2].max()), 0.0), float(np.abs(points[:, 0]).max()), float(np.abs(points[:, 1]).max())


def _sides(
    config: ArmConfig, model: mujoco.MjModel, gripper: Gripper, fingers: list[int], rigid: list[int]
) -> tuple[list[int], list[int]]:
    """Return the geoms that close on each other: those that open towards +x of the tool, and those opposite."""
    rotation = tool_rotation(config, posed(config, model, gripper, 0.0))
    along = (finger_motion(config, model, gripper) @ rotation)[:, 0]
    still = 0.1 * float(np.abs(along).max())
    ahead = [geom for geom, way in zip(fingers, along, strict=True) if way > still]
    behind = [geom for geom, way in zip(fingers, along, strict=True) if way < -still]
    return ahead or rigid, behind or rigid


def _gap_m(model: mujoco.MjModel, data: mujoco.MjData, ahead: list[int], behind: list[int]) -> float:
    """Return the least distance between the two sides; negative where they overlap."""
    pairs = [(one, other) for one in ahead for other in behind if one != other]
    return min((mujoco.mj_geomDistance(model, data, *pair, _FAR_M, None) for pair in pairs), default=0.0)


def _reach_m(config: ArmConfig, model: mujoco.MjModel, data: mujoco.MjData, side: list[int]) -> float:
    """Return the distance from the tool point to the inner face of the fixed finger."""
    boxes = [_corners(config, model, data, geom) for geom in side]
    beside = [box for box in boxes if box[:, 2].min() < 0.0 < box[:, 2].max() and box[:, 0].max() < 0.005]
    return max((-float(box[:, 0].max()) for box in beside), default=0.015)


def _grip_problem(
    config: ArmConfig,
    model: mujoco.MjModel,
    fingers: list[int],
    shut: mujoco.MjData,
    opened: mujoco.MjData,
    widths_m: list[float],
) -> str:
    """Return why things cannot be gripped, or an empty string."""
    if max(widths_m) < _WIDE_M:
        return (
            f"the jaws of arm {config.name!r} are {max(max(widths_m), 0.0):.3f} m apart when open, as their collision "
            f"shapes have it, and things are up to {_WIDE_M} m wide; give the fingers collision shapes that leave room "
            "(MuJoCo takes a mesh for its convex hull), or correct gripper_open_rad"
        )
    if widths_m[-1] < widths_m[0]:
        return f"the jaws of arm {config.name!r} are wider at gripper_closed_rad than at gripper_open_rad; swap them"
    turns = [_turned_rad(shut.geom_xmat[geom], opened.geom_xmat[geom]) for geom in fingers]
    ends = [_corners(config, model, opened, geom)[:, 2].max() for geom in fingers]
    turned = max(turn for turn, end in zip(turns, ends, strict=True) if end > max(ends) - _TIP_M)
    if turned > _PARALLEL_RAD:
        return (
            f"the fingertips of arm {config.name!r} turn by {math.degrees(turned):.0f} degrees "
            "between closed and open; the scripted experts grip with parallel jaws only"
        )
    return ""


def _turned_rad(one: Floats, other: Floats) -> float:
    """Return the angle between two rotation matrices (9,)."""
    return math.acos(min(max((float(one @ other) - 1.0) / 2.0, -1.0), 1.0))
