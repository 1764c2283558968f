"""What an expert sees when it decides: the scene now, the scene when the goal was given, and the command in force."""

import math
from dataclasses import dataclass

import numpy as np

from robot_wm.goals import Task
from robot_wm.types import ArmSpec
from sim.hand import Hand
from sim.pan_roll import PanRoll
from sim.reach import Reach
from sim.scene import Thing
from sim.snapshot import Floats, Snapshot


@dataclass(frozen=True)
class View:
    """One moment of decision. Base frame, SI units."""

    task: Task
    first: Snapshot  # when the goal was given
    now: Snapshot
    spec: ArmSpec
    sent_q_rad: Floats  # (n,) the joint command in force
    sent_m: Floats  # (3,) the tool's place it asks for, which the next action is added to
    sent_heading_rad: float  # the jaw axis it asks for, from the fixed finger to the moving one
    sent_gripper: float  # the opening it asks for
    home_m: Floats  # (3,) the tool's place at rest
    home_heading_rad: float  # the jaw axis at rest
    hand: Hand
    reach: Reach
    pan_roll: PanRoll

    @property
    def object(self) -> Thing:
        """The thing the task is about."""
        return self.now.things[str(self.task.object)]

    @property
    def target(self) -> Thing:
        """The thing the object is to be brought to."""
        return self.now.things[str(self.task.target)]

    @property
    def tip_m(self) -> Floats:
        """The tool's measured position, (3,)."""
        return self.now.tool_m

    def others(self, *names: str | None) -> list[Thing]:
        """All things but those named."""
        return [thing for name, thing in self.now.things.items() if name not in names]


def wrapped(angle_rad: float, period_rad: float = 2 * math.pi) -> float:
    """The angle of the same direction nearest to zero, where directions repeat every `period_rad`."""
    return float((angle_rad + period_rad / 2) % period_rad - period_rad / 2)


def unit(angle_rad: float) -> Floats:
    """The direction at an angle about base z, (2,)."""
    return np.array([math.cos(angle_rad), math.sin(angle_rad)])


def turned(vector_m: Floats) -> Floats:
    """A vector of the plane turned left by a right angle, (2,)."""
    x, y = vector_m.tolist()
    return np.array([-y, x])
