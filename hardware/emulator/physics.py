"""Interfaces of the physics that emulated motors drive: joints, and optionally a complete scene around them.

A physics is found by entry point, in the group `robot_wm.physics`: a function `(scene: str) -> World` (or Physics).
`hardware` imports no simulator; a simulator implements these protocols. `IdealJoints` needs no simulator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from robot_wm.camera import Camera
from robot_wm.control.agent import Decides
from robot_wm.control.judging import Judge
from robot_wm.goals import Task
from robot_wm.types import ArmSpec, Floats

TICK_S = 0.005  # step of physics and of the servos' control loops
SO101_JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")


@dataclass(frozen=True)
class Drives:
    """Drive of the joints during one tick, each (n,).

    torque = clip(gain (set_point - q) - damping dq + feed, low, high), in N m, plus dry friction of `brake`.
    """

    set_point_rad: Floats
    gain_n_m_rad: Floats
    damping_n_m_s_rad: Floats
    feed_n_m: Floats
    low_n_m: Floats
    high_n_m: Floats
    brake_n_m: Floats


class Physics(Protocol):
    """Joints driven by motors. Arrays are (n,), in the order of `joint_names`."""

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names, one per servo."""
        raise NotImplementedError

    def step(self, drives: Any) -> None:
        """Advance by TICK_S under `drives` (a `Drives`)."""
        raise NotImplementedError

    def angles(self) -> Floats:
        """Return the angles of the joints, rad, not quantised."""
        raise NotImplementedError

    def speeds(self) -> Floats:
        """Return the speeds of the joints, rad/s."""
        raise NotImplementedError

    def torques(self) -> Floats:
        """Return the torques applied by the motors in the last tick, N m."""
        raise NotImplementedError


@runtime_checkable
class World(Physics, Protocol):
    """Joints in a scene with objects, cameras and judges; its time starts at 0 with each reset."""

    @property
    def spec(self) -> ArmSpec:
        """Spec of the arm with these joints; the last of `joint_names` is its gripper."""
        raise NotImplementedError

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """Cameras by name; stamps are the world's time."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the objects in the scene."""
        raise NotImplementedError

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        """Reset the scene with the arm at rest, as `robot_wm.station.station.Simulation.reset`."""
        raise NotImplementedError

    def judge(self, task: Task) -> Judge:
        """Return a judge of `task` with access to the true state."""
        raise NotImplementedError

    def expert(self, task: Task, seed: int) -> Decides:
        """Return a scripted policy with access to the true state."""
        raise NotImplementedError

    def picture(self) -> NDArray[np.uint8]:
        """Return a picture of the scene for people, (h, w, 3)."""
        raise NotImplementedError

    def bump(self, name: str, seed: int) -> bool:
        """Push an object sideways; return whether it moved."""
        raise NotImplementedError

    def close(self) -> None:
        """Release the simulator's resources."""
        raise NotImplementedError


class IdealJoints:
    """Independent joints without gravity: inertia, viscous and dry friction."""

    def __init__(self, joint_names: Sequence[str] = SO101_JOINTS, inertia_kg_m2: float = 0.03) -> None:
        n = len(joint_names)
        self.joint_names = tuple(joint_names)
        self._inertia = inertia_kg_m2
        self._damping = 0.05  # N m s/rad
        self._q, self._dq, self._torque = np.zeros(n), np.zeros(n), np.zeros(n)

    def step(self, drives: Drives) -> None:
        """Advance by one tick, implicitly in gain and damping, so that every gain is stable."""

        stiffness = drives.gain_n_m_rad * TICK_S + drives.damping_n_m_s_rad
        push = drives.gain_n_m_rad * (drives.set_point_rad - self._q) + drives.feed_n_m
        settled = (self._dq + TICK_S / self._inertia * push) / (1.0 + TICK_S / self._inertia * stiffness)
        self._torque = np.clip(self._inertia / TICK_S * (settled - self._dq), drives.low_n_m, drives.high_n_m)
        free = (self._dq + TICK_S / self._inertia * self._torque) / (1.0 + TICK_S / self._inertia * self._damping)
        slowed = TICK_S / self._inertia * drives.brake_n_m
        self._dq = np.sign(free) * np.maximum(np.abs(free) - slowed, 0.0)
        self._q = self._q + TICK_S * self._dq

    def angles(self) -> Floats:
        return self._q.copy()

    def speeds(self) -> Floats:
        return self._dq.copy()

    def torques(self) -> Floats:
        return self._torque.copy()
