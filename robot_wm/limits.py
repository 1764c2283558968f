"""Limits on what an arm may be told: position, velocity, acceleration, workspace, gripper; applied in `Arm.command`.

Knows no simulator, driver or robot model: where the tool is comes from a function handed in.

The law that holds, whatever is asked: from every command sent, braking along a straight line in joint space at the
acceleration limit ends inside the joint ranges and inside the tool's box. Braking is therefore always a legal next
step, so a target is never followed further than the arm can still stop from.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget, Floats

ToolPosition = Callable[[Floats], Floats]  # joint angles (n,) rad -> tool position (3,) m in the base frame

_TOLERANCE_RAD_S = 1e-6  # a smaller change of speed is rounding, and no limit is said to have spoken
SLACK_M = 2e-3  # the tool may be this far outside its box: a straight way in joint space bulges, and must not get stuck
_SHORTEST_S = 1e-6  # a shorter time between two stamps is none
_HALVINGS = 6  # of the gap between braking and what was wanted, where the wanted step would leave the workspace
_RAY = np.linspace(0.0, 1.0, 6)[
    1:, None
]  # (5, 1) where the way to the stop is looked at; the sagitta between is < 1 mm


class Limits:
    """What may be sent next, given what was sent before. `connect` makes one, so that no history is older than that."""

    def __init__(self, spec: ArmSpec, state: ArmState, tool_position: ToolPosition) -> None:
        self._spec = spec
        self._tool_position = tool_position
        self._last = ArmCommand(state.q_rad, float(np.clip(state.gripper, 0.0, 1.0)), state.stamp_s)
        self._dq_rad_s = np.zeros(spec.n_joints)  # (n,) speed of the last command
        self._since_s = state.stamp_s - 1.0 / spec.rate_hz  # at rest until now: the first command has a whole interval

    @property
    def last(self) -> ArmCommand:
        """What was sent last; before the first command, the pose the arm was found in."""
        return self._last

    def apply(self, target: ArmTarget, state: ArmState) -> ArmCommand:
        """The nearest command to `target` that the limits allow at `state.stamp_s`, and which of them spoke.

        A target of the wrong length or not finite is a hold: the arm brakes, and `limited` says "hold:...".
        """
        dt_s, dq_last = self._elapsed(state.stamp_s)
        fault = self._fault(target)
        if fault is not None:
            return self._step(self._braked(dq_last, dt_s), dt_s, self._last.gripper, state.stamp_s, (fault,))
        dq, reasons = self._joint_speeds(target.q_rad, dq_last, dt_s)
        kept = self._kept_inside(dq, dq_last, dt_s)
        if np.abs(kept - dq).max() > _TOLERANCE_RAD_S:
            reasons = (*reasons, "workspace")
        gripper, gripper_reasons = self._gripper(target.gripper, dt_s)
        return self._step(kept, dt_s, gripper, state.stamp_s, (*reasons, *gripper_reasons))

    def remember(self, command: ArmCommand) -> None:
        """Take note of what was really sent; the next command is measured against it."""
        dt_s, dq_last = self._elapsed(command.stamp_s)
        if dt_s > 0.0:
            dq_last = (command.q_rad - self._last.q_rad) / dt_s
        self._dq_rad_s = np.clip(dq_last, -self._spec.dq_max_rad_s, self._spec.dq_max_rad_s)
        self._last = command
        self._since_s = command.stamp_s

    def _elapsed(self, stamp_s: float) -> tuple[float, Floats]:
        """Time to move in, at most one command interval, and the speed at its start.

        A late command gets no longer step than one in time. After two intervals without a command the arm has come
        to rest. Equal stamps, or a clock set back, leave no time to move in.
        """
        interval_s = 1.0 / self._spec.rate_hz
        elapsed_s = stamp_s - self._since_s
        dq_last = np.zeros_like(self._dq_rad_s) if elapsed_s > 2.0 * interval_s else self._dq_rad_s
        return (min(elapsed_s, interval_s) if elapsed_s > _SHORTEST_S else 0.0), dq_last

    def _fault(self, target: ArmTarget) -> str | None:
        if np.shape(target.q_rad) != (self._spec.n_joints,):
            return "hold:wrong_length"
        if not (np.isfinite(target.q_rad).all() and np.isfinite(target.gripper)):
            return "hold:not_finite"
        return None

    def _joint_speeds(self, q_target: Floats, dq_last: Floats, dt_s: float) -> tuple[Floats, tuple[str, ...]]:
        """Speeds (n,) towards the target that position, velocity and acceleration limits allow.

        All joints are slowed alike, so that the arm keeps to the straight way (in joint space) that was asked for.
        """
        spec, q_last = self._spec, self._last.q_rad
        if dt_s == 0.0:
            return np.zeros(spec.n_joints), ()
        q_inside = np.clip(q_target, *self._range())
        wanted = (q_inside - q_last) / dt_s
        fast = _scaled_within(wanted, spec.dq_max_rad_s)
        stoppable = self._stopping_speed(np.abs(q_inside - q_last), dt_s)
        change = spec.ddq_max_rad_s2 * dt_s
        smooth = _smoothed(_scaled_within(fast, stoppable), dq_last - change, dq_last + change)
        abrupt = (np.abs(fast) > stoppable + _TOLERANCE_RAD_S) | (np.abs(fast - dq_last) > change + _TOLERANCE_RAD_S)
        reasons = self._reasons("position", np.abs(q_inside - q_target) > 1e-9)
        reasons += self._reasons("velocity", np.abs(wanted) > spec.dq_max_rad_s + _TOLERANCE_RAD_S)
        return smooth, reasons + self._reasons("acceleration", abrupt)

    def _stopping_speed(self, distance_rad: Floats, dt_s: float) -> Floats:
        """Greatest speed (n,) from which steps of `dt_s`, each slower by the acceleration limit, end at the distance.

        One step of v, then k of v - a dt, v - 2 a dt, ...: (k + 1) v dt - a dt^2 k (k + 1) / 2 = distance.
        """
        step = self._spec.ddq_max_rad_s2 * dt_s**2
        k = np.maximum(np.ceil((np.sqrt(1.0 + 8.0 * distance_rad / step) - 3.0) / 2.0), 0.0)
        return (distance_rad + step * k * (k + 1.0) / 2.0) / ((k + 1.0) * dt_s)

    def _range(self) -> tuple[Floats, Floats]:
        """Joint ranges (n,), (n,), stretched to the last command where the arm was found outside them."""
        q_last = self._last.q_rad
        return np.minimum(self._spec.q_min_rad, q_last), np.maximum(self._spec.q_max_rad, q_last)

    def _stop_time(self, dq: Floats) -> float:
        """Seconds that all joints need to come to rest together from speeds (n,)."""
        return float((np.abs(dq) / self._spec.ddq_max_rad_s2).max())

    def _braked(self, dq: Floats, dt_s: float) -> Floats:
        """Speeds (n,) one step of straight braking later."""
        stop_s = self._stop_time(dq)
        return dq * (1.0 - dt_s / stop_s) if stop_s > dt_s else np.zeros_like(dq)

    def _kept_inside(self, dq: Floats, dq_last: Floats, dt_s: float) -> Floats:
        """The speeds (n,) nearest to `dq`, on the way from braking to it, from which the arm can still stop inside."""
        dq = self._within_range(dq, dq_last, dt_s)
        if dt_s == 0.0 or self._stops_inside(dq, dt_s):
            return dq
        brake = self._braked(dq_last, dt_s)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            inside = self._stops_inside(brake + middle * (dq - brake), dt_s)
            low, high = (middle, high) if inside else (low, middle)
        return brake + low * (dq - brake)

    def _within_range(self, dq: Floats, dq_last: Floats, dt_s: float) -> Floats:
        """Slow those joints alone whose own range is near, so that the others go on."""
        low, high = self._range()
        reach_s = dt_s + self._stop_time(dq) / 2.0
        if reach_s == 0.0:
            return dq
        slower = np.clip(dq, (low - self._last.q_rad) / reach_s, (high - self._last.q_rad) / reach_s)
        change = self._spec.ddq_max_rad_s2 * dt_s
        return np.clip(slower, dq_last - change, dq_last + change)

    def _stops_inside(self, dq: Floats, dt_s: float) -> bool:
        """Does one step at `dq` (n,), then straight braking, stay in the joint ranges and in the tool's box?"""
        q_last = self._last.q_rad
        way = q_last + _RAY * dq * (dt_s + self._stop_time(dq) / 2.0)  # (5, n)
        low, high = self._range()
        if (way[-1] < low - 1e-9).any() or (way[-1] > high + 1e-9).any():
            return False
        allowed_m = max(SLACK_M, self._outside_m(q_last) + 1e-6)
        return all(self._outside_m(q) <= allowed_m for q in way)

    def _outside_m(self, q_rad: Floats) -> float:
        """How far outside the tool's box the tool is, 0 inside. An arm found outside may move, but not further out."""
        tool = self._tool_position(q_rad)  # (3,)
        excess = np.maximum(self._spec.workspace_min_m - tool, tool - self._spec.workspace_max_m)
        return float(np.linalg.norm(np.maximum(excess, 0.0)))

    def _gripper(self, wanted: float, dt_s: float) -> tuple[float, tuple[str, ...]]:
        inside = min(max(wanted, 0.0), 1.0)
        reach = self._spec.gripper_rate_max * dt_s
        sent = min(max(inside, self._last.gripper - reach), self._last.gripper + reach)
        reasons = ("position:gripper",) if inside != wanted else ()
        return sent, reasons + (("velocity:gripper",) if abs(sent - inside) > 1e-9 else ())

    def _reasons(self, limit: str, spoke: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(f"{limit}:{name}" for name, is_so in zip(self._spec.joint_names, spoke, strict=True) if is_so)

    def _step(self, dq: Floats, dt_s: float, gripper: float, stamp_s: float, reasons: tuple[str, ...]) -> ArmCommand:
        return ArmCommand(self._last.q_rad + dq * dt_s, gripper, stamp_s, reasons)


def _scaled_within(dq: Floats, dq_max: Floats) -> Floats:
    """Speeds (n,) in the same direction, none greater than its bound (n,)."""
    excess = np.abs(dq) / np.maximum(dq_max, 1e-12)
    return dq / max(1.0, float(excess.max()))


def _smoothed(dq: Floats, low: Floats, high: Floats) -> Floats:
    """The greatest part of speeds `dq` (n,) within bounds (n,), (n,); where none is, joint by joint the nearest."""
    moving = np.abs(dq) > 1e-12
    ends = np.stack([low[moving], high[moving]]) / dq[moving]  # (2, moving)
    least, most = ends.min(0).max(initial=0.0), ends.max(0).min(initial=1.0)
    resting = (low[~moving] <= 0.0).all() and (high[~moving] >= 0.0).all()
    return most * dq if least <= most and resting else np.clip(dq, low, high)
