"""Frozen data that crosses the seams: what an arm is, what it measured, what it was told, what a camera saw.

Units are SI: metres, radians, seconds. Frames of reference: `base` has its origin at the arm's base, x forward
(away from the mount), y left, z up. Arrays are copied and made read-only on construction, so that nobody who
keeps one sees it change; those that are read-only already and own their memory are shared.
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
    """What an arm is, readable before connecting to it. n is the number of joints without the gripper."""

    name: str
    joint_names: tuple[str, ...]  # n names, base to tip
    q_min_rad: Floats  # (n,)
    q_max_rad: Floats  # (n,)
    dq_max_rad_s: Floats  # (n,)
    ddq_max_rad_s2: Floats  # (n,)
    q_rest_rad: Floats  # (n,) where the arm parks; the tool points down there
    gripper_rest: float  # opening in [0, 1] at rest
    gripper_rate_max: float  # openings a second
    workspace_min_m: Floats  # (3,) corner of the box the tool may be in, base frame
    workspace_max_m: Floats  # (3,)
    rate_hz: float  # commands a second it is made for
    tool_frame: str  # site of the MJCF between the jaws
    mjcf: str  # path of the model its kinematics are read from

    @property
    def n_joints(self) -> int:
        return len(self.joint_names)


@dataclass(frozen=True)
class ArmState(_Frozen):
    """What an arm measured at `stamp_s` on the monotonic clock."""

    q_rad: Floats  # (n,)
    dq_rad_s: Floats  # (n,)
    effort: Floats | None  # (n,) N m where the arm measures it
    gripper: float  # opening: 0 closed, 1 open
    stamp_s: float


@dataclass(frozen=True)
class ArmTarget(_Frozen):
    """What is asked of an arm, before limits."""

    q_rad: Floats  # (n,)
    gripper: float  # opening in [0, 1]


@dataclass(frozen=True)
class ArmCommand(_Frozen):
    """What was really sent to an arm, after limits, and which limits spoke."""

    q_rad: Floats  # (n,)
    gripper: float
    stamp_s: float
    limited: tuple[str, ...] = ()  # e.g. ("velocity:elbow_flex",); empty when nothing was changed
    allowed: "ArmCommand | None" = None  # by the limits, before the arm made of it what it can send


@dataclass(frozen=True)
class CameraSpec:
    """What a camera delivers."""

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
    """All that the controller sees at one tick."""

    frames: Mapping[str, Frame]  # by camera name
    state: ArmState
    sent: ArmCommand  # the command in force when the state was measured

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", MappingProxyType(dict(self.frames)))


@dataclass(frozen=True)
class Goal(_Frozen):
    """A point in goal space, where it came from and what it means to a person. Text and pictures land alike."""

    point: NDArray[np.float32]  # (g,)
    origin: str  # "text" or "picture"
    confidence: float  # probability that this is what was meant, in [0, 1]
    words: str  # e.g. "push the red cube left"
    details: Mapping[str, object] = field(default_factory=dict)  # the goal as the design's grammar has it


@dataclass(frozen=True)
class PlanRecord(_Frozen):
    """What a planner weighed at one tick, for logs and people; no decision depends on it."""

    chunk: NDArray[np.float32]  # (t, a) the chosen actions, all of them
    cost: float
    prior_cost: float  # of the action head's own chunk
    costs: NDArray[np.float32]  # (n,) of the candidates of the last iteration
    iterations: int  # done before the deadline; who wants the same plan has to do as many
    spread: float  # standard deviation of the costs
    imagined: NDArray[np.float32]  # (h, d) latents along the chosen plan; the last row is the imagined end
