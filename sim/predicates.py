"""Predicates of goals: one class per skill, each a condition on the first moment of a goal and the present one.

A predicate's `holds` is about one instant; `hold_s` says how long it must hold without a break. Distances are in
metres, base frame. Knows nothing of how a goal is pursued.
"""

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from robot_wm.goals import DIRECTIONS, Task
from robot_wm.types import ArmSpec
from sim.snapshot import Floats, Snapshot
from sim.thing import Thing

REACH_M = 0.03  # tip to the object's surface
STILL_M = 0.02  # an object that moved less than this counts as not moved
PUSH_M = 0.05
LIFT_M = 0.05  # the object's underside above the table
CLEAR_M = 0.04  # tip to the object's surface
OPEN = 0.5  # opening from which a gripper counts as open
REST_M_S = 0.01
REST_S = 0.2
HOLD_S = 0.5
HOME_RAD = 0.05
ON_TOP_M = 0.01  # slack of heights, of what is let go
ON_TABLE_M = 0.003  # the same of what a hand may still hold; the floor of a bin is 2 mm high


def surface_distance_m(point_m: Floats, thing: Thing) -> float:
    """Compute the distance of a point to the upright box (half width, half height, yaw) round a thing; 0 inside."""
    x, y, z = _in_frame(point_m, thing)
    outside = abs(x) - thing.half_width_m, abs(y) - thing.half_width_m, abs(z) - thing.half_height_m
    return math.hypot(*(max(each, 0.0) for each in outside))


def _in_frame(point_m: Floats, thing: Thing) -> tuple[float, float, float]:
    """Transform a point of the base frame into the thing's: origin at its centre, rotated by its yaw."""
    (x, y, z), (x_thing, y_thing, z_thing) = point_m.tolist(), thing.position_m.tolist()
    dx, dy, cos, sin = x - x_thing, y - y_thing, math.cos(thing.yaw_rad), math.sin(thing.yaw_rad)
    return cos * dx + sin * dy, cos * dy - sin * dx, z - z_thing


def over(thing: Thing, target: Thing) -> bool:
    """Return whether a thing's centre lies within the outline of a target, seen from above."""
    x, y, _ = _in_frame(thing.position_m, target)
    return abs(x) <= target.half_width_m and abs(y) <= target.half_width_m


def rests_in(thing: Thing, bin_: Thing) -> bool:
    """Return whether a thing lies in a bin: its centre between the walls and its underside below their top."""
    return over(thing, bin_) and thing.underside_m < bin_.top_m - 0.5 * bin_.half_height_m


def rests_on(thing: Thing, target: Thing) -> bool:
    """Return whether a thing stands on top of another: its centre over it, its underside at its top."""
    return over(thing, target) and abs(thing.underside_m - target.top_m) <= ON_TOP_M


def on_table(thing: Thing) -> bool:
    """Return whether a thing stands, lies or leans with its lowest point on the table, whose top is z = 0."""
    return thing.underside_m <= ON_TABLE_M


class Predicate(ABC):
    """The condition of one goal. Created at the goal's first moment."""

    hold_s: ClassVar[float] = 0.0

    def __init__(self, task: Task, first: Snapshot, spec: ArmSpec) -> None:
        self._task = task
        self._first = first
        self._spec = spec

    @abstractmethod
    def holds(self, now: Snapshot) -> bool:
        """Return whether the goal's condition is met at this instant."""

    def _object(self, now: Snapshot) -> Thing:
        return now.things[str(self._task.object)]

    def _target(self, now: Snapshot) -> Thing:
        return now.things[str(self._task.target)]

    def _moved_m(self, now: Snapshot) -> list[float]:
        """Return the object's displacement since the goal's start, (3,)."""
        return (self._object(now).position_m - self._object(self._first).position_m).tolist()

    def _released(self, now: Snapshot) -> bool:
        """Return whether the gripper is open and the tip well away from the object."""
        return now.gripper >= OPEN and surface_distance_m(now.tool_m, self._object(now)) >= CLEAR_M

    def _at_rest(self, now: Snapshot) -> bool:
        return self._object(now).speed_m_s < REST_M_S


class Reached(Predicate):
    """The tip is near the object, which stayed where it was."""

    hold_s = HOLD_S

    def holds(self, now: Snapshot) -> bool:
        near = surface_distance_m(now.tool_m, self._object(now)) <= REACH_M
        return near and math.hypot(*self._moved_m(now)) <= STILL_M


class Pushed(Predicate):
    """The object moved far and straight enough in the direction and is at rest on the table."""

    hold_s = REST_S

    def holds(self, now: Snapshot) -> bool:
        direction_x, direction_y = DIRECTIONS[str(self._task.direction)]
        dx, dy, _ = self._moved_m(now)
        along, sideways = dx * direction_x + dy * direction_y, abs(dx * direction_y - dy * direction_x)
        straight = along >= PUSH_M and sideways < along / 2
        return straight and self._at_rest(now) and on_table(self._object(now))


class PushedTo(Predicate):
    """The object's centre is at rest within the pad, and the object lies on it rather than being held above."""

    hold_s = REST_S

    def holds(self, now: Snapshot) -> bool:
        thing = self._object(now)
        return over(thing, self._target(now)) and self._at_rest(now) and on_table(thing)


class Lifted(Predicate):
    """The object's underside is well above the table."""

    hold_s = HOLD_S

    def holds(self, now: Snapshot) -> bool:
        return self._object(now).underside_m >= LIFT_M


class Placed(Predicate):
    """The object is at rest in the bin, the gripper open and clear."""

    hold_s = REST_S

    def holds(self, now: Snapshot) -> bool:
        inside = rests_in(self._object(now), self._target(now))
        return inside and self._at_rest(now) and self._released(now)


class Stacked(Predicate):
    """The object is at rest on top of the target, the gripper open and clear."""

    hold_s = REST_S

    def holds(self, now: Snapshot) -> bool:
        on_top = rests_on(self._object(now), self._target(now))
        return on_top and self._at_rest(now) and self._released(now)


class Homed(Predicate):
    """Every joint is near its rest angle."""

    def holds(self, now: Snapshot) -> bool:
        return bool(np.all(np.abs(now.q_rad - self._spec.q_rest_rad) <= HOME_RAD))


class Untouched(Predicate):
    """No thing moved."""

    def holds(self, now: Snapshot) -> bool:
        moved = (now.things[name].position_m - first.position_m for name, first in self._first.things.items())
        return all(float(np.linalg.norm(step)) <= STILL_M for step in moved)
