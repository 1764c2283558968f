"""Frozen records shared by all packages: an arm's spec, state, targets and commands, pictures, goals and plans.

Units are SI: metres, radians, seconds. Frames of reference: `base` has its origin at the arm's base, x forward
(away from the mount), y left, z up. n is the number of an arm's joints without the gripper and a the size
of an action; quantities of a slide joint are in metres where names say rad. Arrays are copied and made read-only on
construction; arrays that are read-only already and own their memory are shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class _Frozen:
    """Base of the frozen records: array fields are stored as read-only copies."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and (value.flags.writeable or value.base is not None):
                kept = value.copy()
                kept.setflags(write=False)
                object.__setattr__(self, name, kept)


@dataclass(frozen=True)
class ArmSpec(_Frozen):
    """An arm's joints, limits and frames, readable before connecting to it."""

    name: str
    joint_names: tuple[str, ...]  # n names, base to tip
    q_min_rad: Floats  # (n,)
    q_max_rad: Floats  # (n,)
    dq_max_rad_s: Floats  # (n,)
    ddq_max_rad_s2: Floats  # (n,)
    q_rest_rad: Floats  # (n,) the pose in which the arm parks, tool pointing down
    gripper_rest: float  # opening in [0, 1] at rest
    gripper_rate_max: float  # full openings per second
    workspace_min_m: Floats  # (3,) lower corner of the box that the tool must stay in, base frame
    workspace_max_m: Floats  # (3,) upper corner
    rate_hz: float  # commands per second
    tool_frame: str  # MJCF site between the jaws: z is the pointing direction, x the opening direction
    mjcf: str  # path of the model file for the kinematics

    @property
    def n_joints(self) -> int:
        return len(self.joint_names)


@dataclass(frozen=True)
class ArmState(_Frozen):
    """The measured state of an arm at `stamp_s` on the monotonic clock."""

    q_rad: Floats  # (n,)
    dq_rad_s: Floats  # (n,)
    effort: Floats | None  # (n,) N m; None if the arm does not measure it
    gripper: float  # opening: 0 closed, 1 open
    stamp_s: float


@dataclass(frozen=True)
class ArmTarget(_Frozen):
    """A joint target, before limits."""

    q_rad: Floats  # (n,)
    gripper: float  # opening in [0, 1]


@dataclass(frozen=True)
class ArmCommand(_Frozen):
    """The command actually sent to an arm, after limits, and the limits that changed it."""

    q_rad: Floats  # (n,)
    gripper: float
    stamp_s: float
    limited: tuple[str, ...] = ()  # e.g. ("velocity:elbow_flex",); empty if unchanged
    allowed: "ArmCommand | None" = None  # the command after limits, before the arm quantised it


@dataclass(frozen=True)
class CameraSpec:
    """A camera's name, picture size and rate."""

    name: str
    height: int
    width: int
    rate_hz: float


@dataclass(frozen=True)
class Frame(_Frozen):
    """One picture: uint8 RGB (h, w, 3), taken at `stamp_s` on the monotonic clock."""

    rgb: NDArray[np.uint8]
    stamp_s: float


@dataclass(frozen=True)
class Observation:
    """Everything the controller observes in one tick."""

    frames: Mapping[str, Frame]  # by camera name
    state: ArmState
    sent: ArmCommand  # the command in force at the measurement

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", MappingProxyType(dict(self.frames)))


@dataclass(frozen=True)
class Goal(_Frozen):
    """A point in goal space, its origin, and its meaning in words."""

    point: NDArray[np.float32]  # (g,)
    origin: str  # "text" or "picture"
    confidence: float  # probability, in [0, 1], that this is the intended goal
    words: str  # e.g. "push the red cube left"
    details: Mapping[str, object] = field(default_factory=dict)  # the goal as JSON values


@dataclass(frozen=True)
class PlanRecord(_Frozen):
    """A planner's search in one tick, for logs and displays; no decision depends on it."""

    chunk: NDArray[np.float32]  # (t, a) all chosen actions
    cost: float
    prior_cost: float  # cost of the action head's own chunk
    costs: NDArray[np.float32]  # (n,) costs of the last iteration's candidates
    iterations: int  # completed before the deadline; a replay repeats as many
    spread: float  # standard deviation of the costs
    imagined: NDArray[np.float32]  # (h, d) latents along the chosen plan; the last row is the imagined end
