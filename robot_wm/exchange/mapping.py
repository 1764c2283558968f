"""Mapping from features or topics of a recording to our quantities. YAML in configs/datasets/.

A source is a feature of a LeRobotDataset ("observation.state") or a topic of an MCAP file ("/joint_states").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.goals import NOTHING, Task
from robot_wm.types import ArmSpec, Floats

Unit = Literal["rad", "deg", "percent"]


@dataclass(frozen=True)
class JointSource:
    """A source of joint angles, in the order of the arm's joints."""

    source: str
    names: tuple[str, ...] = ()  # the source's names for the arm's joints; empty: its first n values
    unit: Unit = "rad"  # percent: -100 and 100 are the ends of the arm's range
    signs: tuple[float, ...] = ()  # -1 for joints with opposite sign in the source; empty: all 1
    zeros_rad: tuple[float, ...] = ()  # angle at the source's 0, for "rad" and "deg"; empty: all 0

    def __post_init__(self) -> None:
        for words, each in (("signs", self.signs), ("zeros_rad", self.zeros_rad)):
            if each and self.names and len(each) != len(self.names):
                raise ConfigError(
                    f"{words} of {self.source!r}: {len(self.names)} numbers expected, received {len(each)}"
                )

    def require_fits(self, spec: ArmSpec) -> None:
        """Raise ConfigError if it has another number of joints than the arm."""
        for words, each in (("names", self.names), ("signs", self.signs), ("zeros_rad", self.zeros_rad)):
            if each and len(each) != spec.n_joints:
                raise ConfigError(
                    f"{words} of {self.source!r}: arm {spec.name!r} has {spec.n_joints} joints "
                    f"({', '.join(spec.joint_names)}), received {len(each)}"
                )

    def to_rad(self, values: Floats, spec: ArmSpec) -> Floats:
        """Convert the source's values (M, n) to joint angles (M, n) in rad."""
        signed = values * (np.array(self.signs) if self.signs else 1.0)
        zeros = np.array(self.zeros_rad) if self.zeros_rad else 0.0
        if self.unit == "percent":
            return spec.q_min_rad + (signed + 100.0) / 200.0 * (spec.q_max_rad - spec.q_min_rad)
        return (np.deg2rad(signed) if self.unit == "deg" else signed) + zeros

    def to_rad_s(self, values: Floats, spec: ArmSpec) -> Floats:
        """Convert the source's speeds (M, n) to rad/s (M, n)."""
        still = self.to_rad(np.zeros_like(values), spec)
        return self.to_rad(values, spec) - still


@dataclass(frozen=True)
class GripperSource:
    """A source of the gripper opening."""

    source: str
    name: str = ""  # the source's name for it; empty: its last value
    closed: float = 0.0  # the source's value with the gripper closed
    open: float = 1.0  # and fully open

    def __post_init__(self) -> None:
        if self.closed == self.open:
            raise ConfigError(
                f"gripper of {self.source!r}: closed and open are both {self.open}; give two different numbers"
            )

    def to_opening(self, values: Floats) -> Floats:
        """Convert the source's values (M, 1) to openings (M, 1) in [0, 1]."""
        return np.clip((values - self.closed) / (self.open - self.closed), 0.0, 1.0)


@dataclass(frozen=True)
class PictureSource:
    """A source of pictures."""

    source: str | None  # None: no such camera; its pictures are black
    px: int  # side of the result, the scaled central square of the picture


@dataclass(frozen=True)
class DatasetMapping:
    """Rules for reading and converting recordings."""

    pictures: Mapping[str, PictureSource]  # by our camera's name
    joints: JointSource | None = None
    gripper: GripperSource | None = None
    speeds: JointSource | None = None  # if omitted, differences of angles
    sent_joints: JointSource | None = None  # if omitted, no actions
    sent_gripper: GripperSource | None = None
    demonstrations: bool = False  # actions are demonstrations
    columns: Mapping[str, str] = field(default_factory=dict)  # feature of the dataset -> source, copied unchanged
    arm: str = "mujoco"  # the recorded arm: a name, or a YAML file
    fps: int = 10  # frames per second of the dataset
    tolerance_s: float = 0.08  # largest time difference between a frame and its samples
    stamp: Literal["header", "publish", "log"] = "header"  # which timestamp of an MCAP message
    words: str = ""  # the instruction of sources without one
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # instruction -> goal; see robot_wm.goals

    def __post_init__(self) -> None:
        if self.fps < 1 or self.tolerance_s <= 0:
            raise ConfigError(f"fps and tolerance_s must be positive, received {self.fps} and {self.tolerance_s}")
        if not self.pictures:
            raise ConfigError("pictures: at least one camera is required")
        if (self.sent_joints is None) != (self.sent_gripper is None):
            raise ConfigError("sent_joints and sent_gripper must be given together")
        if self.sent_joints is not None and (self.joints is None or self.gripper is None):
            raise ConfigError("sent_joints needs joints and gripper too: the command in force is part of the state")
        if (self.joints is None) != (self.gripper is None):
            raise ConfigError("joints and gripper must be given together")
        for words in self.tasks:
            self.task_of(words)

    def task_of(self, words: str) -> Task:
        """Return the goal of an instruction by `tasks`; skill "none" if it is not there."""
        known = self.tasks.get(words)
        return NOTHING if known is None else Task.from_json(known)
