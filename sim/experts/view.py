"""The input of an expert's decision: the scene now, the scene when the goal was given, and the command in force."""

import math
from dataclasses import dataclass

import numpy as np

from robot_wm.goals import Task
from robot_wm.types import ArmSpec
from sim.hand import Hand
from sim.pan_roll import PanRoll
from sim.reach import Reach
from sim.snapshot import Floats, Snapshot
from sim.thing import Thing


@dataclass(frozen=True)
class View:
    """The input of one decision. Base frame, SI units."""

    task: Task
    first: Snapshot  # when the goal was given
    now: Snapshot
    spec: ArmSpec
    sent_q_rad: Floats  # (n,) the joint command in force
    sent_m: Floats  # (3,) the commanded tool position, to which the next action is added
    sent_heading_rad: float  # the commanded jaw axis, from the fixed finger to the moving one
    sent_gripper: float  # the commanded opening
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
        """Return all things but those named."""
        return [thing for name, thing in self.now.things.items() if name not in names]


def wrapped(angle_rad: float, period_rad: float = 2 * math.pi) -> float:
    """Return the equivalent angle nearest to zero, where angles repeat every `period_rad`."""
    return float((angle_rad + period_rad / 2) % period_rad - period_rad / 2)


def unit(angle_rad: float) -> Floats:
    """Return the unit vector (2,) at an angle about base z."""
    return np.array([math.cos(angle_rad), math.sin(angle_rad)])


def turned(vector_m: Floats) -> Floats:
    """Return a vector of the plane (2,) turned left by a right angle."""
    x, y = vector_m.tolist()
    return np.array([-y, x])
