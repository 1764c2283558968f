"""Recompute the arm's limits from the log alone: the command after limits, and which limits were active.

Only the arm knows how its servos round a command to steps; the sent command must be within half a step of it. Knows no
arm.
"""

from typing import final

import numpy as np

from robot_wm.kinematics import Kinematics
from robot_wm.limits import Limits
from robot_wm.log.entries import LogTick
from robot_wm.types import ArmCommand, ArmSpec, ArmState

HALF_STEP_RAD = np.pi / 4096  # of a servo with 4096 steps a turn
SAME = 1e-9  # rad, opening; tolerates kinematics that differ in the last bits
HALF_STEP_GRIPPER = 0.01  # opening; a gripper's servo turns less than a third of a turn


@final
class Limiter:
    """Follows a log's commands tick by tick."""

    def __init__(self, spec: ArmSpec, kinematics: Kinematics) -> None:
        self._spec, self._kinematics = spec, kinematics
        self._limits: Limits | None = None

    def command(self, tick: LogTick) -> tuple[ArmCommand, bool]:
        """Return the tick's target after limits, and whether the speed before it is known.

        It is unknown shortly after commands outside the ticks, since the arm may have been moving.
        """
        before, known = tick.observation.sent, True
        if self._limits is None or not _same(self._limits.last, before):
            self._limits = Limits(self._spec, _at_rest(before), self._tool)
            known = self._was_at_rest(tick)
        command = self._limits.apply(tick.target, _at(allowed(tick).stamp_s, tick.observation.state))
        self._limits.remember(tick.sent)
        return command, known

    def _was_at_rest(self, tick: LogTick) -> bool:
        """Return whether the arm had just connected (same timestamp) or had no command for a while."""
        gap_s = tick.sent.stamp_s - tick.observation.sent.stamp_s
        return gap_s == 0.0 or gap_s > 2.0 / self._spec.rate_hz

    def _tool(self, q_rad: np.ndarray) -> np.ndarray:
        return self._kinematics.forward(q_rad).position_m


def allowed(tick: LogTick) -> ArmCommand:
    """Return the command after limits; older logs hold only the sent command, which may be rounded."""
    return tick.sent.allowed or tick.sent


def alike(one: ArmCommand, other: ArmCommand) -> bool:
    """Return whether two limited commands are equal within SAME."""
    return bool(np.abs(one.q_rad - other.q_rad).max() <= SAME and abs(one.gripper - other.gripper) <= SAME)


def within_half_a_step(command: ArmCommand, sent: ArmCommand) -> bool:
    """Return whether `sent` may be `command` rounded to servo steps."""
    near = np.abs(command.q_rad - sent.q_rad).max() <= 1.001 * HALF_STEP_RAD
    return bool(near and abs(command.gripper - sent.gripper) <= HALF_STEP_GRIPPER)


def _same(one: ArmCommand, other: ArmCommand) -> bool:
    return one.q_rad.tobytes() == other.q_rad.tobytes() and one.stamp_s == other.stamp_s


def _at_rest(command: ArmCommand) -> ArmState:
    return ArmState(command.q_rad, np.zeros_like(command.q_rad), None, command.gripper, command.stamp_s)


def _at(stamp_s: float, state: ArmState) -> ArmState:
    return ArmState(state.q_rad, state.dq_rad_s, state.effort, state.gripper, stamp_s)
