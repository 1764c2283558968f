"""Action spaces: names and bounds of the components of an action, and its conversion to a joint target.

`CartesianActions` move the commanded tool pose in the base frame; `JointActions` move the commanded joints. The last
component of both is an absolute gripper opening. Knows no model, no simulator and no speed limits, which are the
arm's.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robot_wm.kinematics import Kinematics, ToolPose, wrapped_yaw
from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget, Floats

ACTION_NAMES = ("dx", "dy", "dz", "dyaw", "gripper")  # of CartesianActions: m, m, m, rad, opening
ACTION_LOW = np.array([-0.03, -0.03, -0.03, -0.4, 0.0])
ACTION_HIGH = np.array([0.03, 0.03, 0.03, 0.4, 1.0])
ACTION_LOW.setflags(write=False)
ACTION_HIGH.setflags(write=False)
_BOUNDS = tuple(zip(ACTION_LOW.tolist(), ACTION_HIGH.tolist(), strict=True))
OUTSIDE_M = 0.01  # a tool at least this far outside the workspace is kept from going further, not pulled back
LEASH_M = 0.05  # largest distance of the commanded tool from the measured one
LEASH_TICKS = 3  # likewise for joints: ticks at full speed by which the command may lead the measurement


class ActionBounds(ABC):
    """Names and bounds of the a components of an action; all that models and planners need."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Return the names of the a components."""

    @property
    @abstractmethod
    def low(self) -> Floats:
        """Return the lower bounds, read-only float64 (a,)."""

    @property
    @abstractmethod
    def high(self) -> Floats:
        """Return the upper bounds, read-only float64 (a,)."""

    @abstractmethod
    def hold(self, sent: ArmCommand) -> Floats:
        """Return the action (a,) that leaves the command `sent` unchanged."""


class ActionSpace(ActionBounds):
    """The actions of one arm."""

    @abstractmethod
    def target(self, action: ArrayLike, state: ArmState, sent: ArmCommand) -> ArmTarget:
        """Convert an action to a joint target.

        Args:
            action: (a,); clipped to its bounds.
            state: What the arm measured.
            sent: The command in force at the measurement.

        Returns:
            The target. It is not finite if `action` is not finite or has the wrong size; the arm's limits then hold
            still.
        """


class CartesianBounds(ActionBounds):
    """Steps of the commanded tool pose in the base frame (m, m, m, rad about z) and a gripper opening in [0, 1]."""

    @property
    def names(self) -> tuple[str, ...]:
        return ACTION_NAMES

    @property
    def low(self) -> Floats:
        return ACTION_LOW

    @property
    def high(self) -> Floats:
        return ACTION_HIGH

    def hold(self, sent: ArmCommand) -> Floats:
        return np.array([0.0, 0.0, 0.0, 0.0, sent.gripper])


@dataclass(frozen=True)
class CartesianActions(CartesianBounds, ActionSpace):
    """Cartesian steps of one arm's tool, kept in its workspace."""

    kinematics: Kinematics

    def target(self, action: ArrayLike, state: ArmState, sent: ArmCommand) -> ArmTarget:
        asked = np.asarray(action, dtype=np.float64)
        if asked.shape != (len(ACTION_NAMES),) or not all(map(math.isfinite, asked.tolist())):
            return _not_finite(sent)
        step = [min(max(each, low), high) for each, (low, high) in zip(asked.tolist(), _BOUNDS, strict=True)]
        pose = self._stepped(step, state, sent)
        return ArmTarget(self.kinematics.solve(pose, sent.q_rad), step[4])

    def _stepped(self, step: list[float], state: ArmState, sent: ArmCommand) -> ToolPose:
        commanded = self.kinematics.forward(sent.q_rad)
        commanded_m = commanded.position_m.tolist()
        measured_m = self.kinematics.forward(state.q_rad).position_m.tolist()
        ahead = [start + move - now for start, move, now in zip(commanded_m, step[:3], measured_m, strict=True)]
        leash = min(1.0, LEASH_M / max(math.hypot(*ahead), 1e-9))
        wanted_m = [now + leash * each for now, each in zip(measured_m, ahead, strict=True)]
        return ToolPose(self._inside(wanted_m, commanded_m), wrapped_yaw(commanded.yaw_rad + step[3]))

    def _inside(self, wanted_m: list[float], commanded_m: list[float]) -> Floats:
        """Clip `wanted_m` (3,) to the arm's workspace, so that the tool slides along its walls.

        If the commanded tool is well outside, as an arm may be at start, it only goes no further out.
        """
        spec, kept = self.kinematics.spec, []
        walls = zip(spec.workspace_min_m.tolist(), spec.workspace_max_m.tolist(), strict=True)
        for wanted, now, (low, high) in zip(wanted_m, commanded_m, walls, strict=True):
            nearest = now if now < low - OUTSIDE_M else low
            furthest = now if now > high + OUTSIDE_M else high
            kept.append(min(max(wanted, nearest), furthest))
        return np.array(kept)


@dataclass(frozen=True)
class JointActions(ActionSpace):
    """Steps of the commanded joints (rad; m for slide joints) and a gripper opening in [0, 1].

    A step is at most what the joint's speed limit allows in one control tick.
    """

    spec: ArmSpec

    @property
    def names(self) -> tuple[str, ...]:
        return (*(f"d_{name}" for name in self.spec.joint_names), "gripper")

    @property
    def low(self) -> Floats:
        return _read_only([*(-self._step_max()).tolist(), 0.0])

    @property
    def high(self) -> Floats:
        return _read_only([*self._step_max().tolist(), 1.0])

    def target(self, action: ArrayLike, state: ArmState, sent: ArmCommand) -> ArmTarget:
        asked = np.asarray(action, dtype=np.float64)
        if asked.shape != (self.spec.n_joints + 1,) or not np.isfinite(asked).all():
            return _not_finite(sent)
        step = np.clip(asked, self.low, self.high)
        leash = LEASH_TICKS * self._step_max()
        ahead = np.clip(sent.q_rad + step[:-1] - state.q_rad, -leash, leash)
        return ArmTarget(np.clip(state.q_rad + ahead, self.spec.q_min_rad, self.spec.q_max_rad), step.item(-1))

    def hold(self, sent: ArmCommand) -> Floats:
        return np.array([*[0.0] * self.spec.n_joints, sent.gripper])

    def _step_max(self) -> Floats:
        return self.spec.dq_max_rad_s / self.spec.rate_hz


def _not_finite(sent: ArmCommand) -> ArmTarget:
    return ArmTarget(np.full_like(sent.q_rad, np.nan), float("nan"))


def _read_only(values: list[float]) -> Floats:
    array = np.array(values)
    array.setflags(write=False)
    return array
