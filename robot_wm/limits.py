"""Limits on commands: position, velocity, acceleration, workspace, gripper. Applied in `Arm.command`.

Invariant: from every command sent, braking along a straight line in joint space at the acceleration limit ends inside
the joint ranges and the workspace box. Braking is therefore always an allowed next step.

Uses plain lists, which are several times faster than numpy for a handful of joints. Knows no simulator, driver or
robot model: the tool position comes from a function that is passed in.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np

from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget, Floats

ToolPosition = Callable[[Floats], Floats]  # joint angles (n,) rad -> tool position (3,) m in the base frame

_TOLERANCE_RAD_S = 1e-6  # smaller changes of speed are rounding and are not reported
SLACK_M = 2e-3  # allowed overshoot of the box: straight lines in joint space bulge in Cartesian space
_SHORTEST_S = 1e-6  # shorter intervals count as zero
_HALVINGS = 6  # bisection steps between braking and the requested motion, if that would leave the workspace
_RAY = (0.2, 0.4, 0.6, 0.8, 1.0)  # checked points along the stopping path; the sagitta between them is < 1 mm

_Vector = list[float]  # one number per joint


class Limits:
    """Limits the next command, given the previous ones. Created by `Arm.connect`, so it has no older history."""

    def __init__(self, spec: ArmSpec, state: ArmState, tool_position: ToolPosition) -> None:
        self._spec = spec
        self._dq_max: _Vector = spec.dq_max_rad_s.tolist()
        self._ddq_max: _Vector = spec.ddq_max_rad_s2.tolist()
        self._box = list(zip(spec.workspace_min_m.tolist(), spec.workspace_max_m.tolist(), strict=True))
        self._tool_position = tool_position
        self._dq: _Vector = [0.0] * spec.n_joints  # rad/s, speed of the last command
        self._take(ArmCommand(state.q_rad, float(np.clip(state.gripper, 0.0, 1.0)), state.stamp_s))
        self._since_s = state.stamp_s - 1.0 / spec.rate_hz  # at rest until now: the first command gets a full interval

    @property
    def last(self) -> ArmCommand:
        """The last command sent; before the first one, the pose at connection."""
        return self._last

    def apply(self, target: ArmTarget, state: ArmState) -> ArmCommand:
        """Return the allowed command nearest to `target` at `state.stamp_s`, with the limits that were active.

        For a target that is not finite or has the wrong length, the arm brakes and `limited` says "hold:...".
        """
        dt_s, dq_last = self._elapsed(state.stamp_s)
        fault = self._fault(target)
        if fault is not None:
            return self._step(self._braked(dq_last, dt_s), dt_s, self._last.gripper, state.stamp_s, (fault,))
        dq, reasons = self._joint_speeds(target.q_rad.tolist(), dq_last, dt_s)
        kept = self._kept_inside(dq, dq_last, dt_s)
        if kept != dq and any(abs(one - other) > _TOLERANCE_RAD_S for one, other in zip(kept, dq, strict=True)):
            reasons = (*reasons, "workspace")
        gripper, gripper_reasons = self._gripper(target.gripper, dt_s)
        return self._step(kept, dt_s, gripper, state.stamp_s, (*reasons, *gripper_reasons))

    def remember(self, command: ArmCommand) -> None:
        """Record the command that was actually sent, from which the next one is limited."""
        dt_s, dq_last = self._elapsed(command.stamp_s)
        if dt_s > 0.0:
            dq_last = [(q - last) / dt_s for q, last in zip(command.q_rad.tolist(), self._q, strict=True)]
        self._dq = [_clipped(dq, -most, most) for dq, most in zip(dq_last, self._dq_max, strict=True)]
        self._take(command)

    def _take(self, command: ArmCommand) -> None:
        """Record the last command, and widen the joint ranges to include it if the arm started outside them."""
        self._last, self._q = command, command.q_rad.tolist()
        self._low = list(map(min, self._spec.q_min_rad.tolist(), self._q))
        self._high = list(map(max, self._spec.q_max_rad.tolist(), self._q))
        self._since_s = command.stamp_s

    def _elapsed(self, stamp_s: float) -> tuple[float, _Vector]:
        """Return the time available for this step, at most one command interval, and the speed at its start.

        A late command gets no longer step than a timely one. After two intervals without a command the arm counts as
        at rest. Equal or decreasing stamps leave no time to move.
        """
        interval_s = 1.0 / self._spec.rate_hz
        elapsed_s = stamp_s - self._since_s
        dq_last = [0.0] * len(self._dq) if elapsed_s > 2.0 * interval_s else self._dq
        return (min(elapsed_s, interval_s) if elapsed_s > _SHORTEST_S else 0.0), dq_last

    def _fault(self, target: ArmTarget) -> str | None:
        if np.shape(target.q_rad) != (self._spec.n_joints,):
            return "hold:wrong_length"
        if not all(map(math.isfinite, (*target.q_rad.tolist(), target.gripper))):
            return "hold:not_finite"
        return None

    def _joint_speeds(self, q_target: _Vector, dq_last: _Vector, dt_s: float) -> tuple[_Vector, tuple[str, ...]]:
        """Compute speeds towards the target within the position, velocity and acceleration limits.

        All joints are slowed by the same factor, so that the arm stays on the requested straight line in joint space.
        """
        if dt_s == 0.0:
            return [0.0] * len(dq_last), ()
        inside = [_clipped(q, low, high) for q, low, high in zip(q_target, self._low, self._high, strict=True)]
        way = [q - last for q, last in zip(inside, self._q, strict=True)]
        wanted = [each / dt_s for each in way]
        fast = _scaled_within(wanted, self._dq_max)
        stoppable = [_stopping_speed(abs(each), ddq, dt_s) for each, ddq in zip(way, self._ddq_max, strict=True)]
        change = [ddq * dt_s for ddq in self._ddq_max]
        bounds = [(last - most, last + most) for last, most in zip(dq_last, change, strict=True)]
        smooth = _smoothed(_scaled_within(fast, stoppable), bounds)
        reasons: tuple[str, ...] = ()  # only limits that changed the command
        if inside != q_target:
            moved = (abs(one - other) > 1e-9 for one, other in zip(inside, q_target, strict=True))
            reasons += self._reasons("position", moved)
        if fast != wanted:
            too_fast = (abs(dq) > most + _TOLERANCE_RAD_S for dq, most in zip(wanted, self._dq_max, strict=True))
            reasons += self._reasons("velocity", too_fast)
        if smooth != fast:
            abrupt = (
                abs(dq) > stop + _TOLERANCE_RAD_S or abs(dq - last) > most + _TOLERANCE_RAD_S
                for dq, stop, last, most in zip(fast, stoppable, dq_last, change, strict=True)
            )
            reasons += self._reasons("acceleration", abrupt)
        return smooth, reasons

    def _stop_time(self, dq: _Vector) -> float:
        """Return the time, s, in which all joints come to rest together from their speeds."""
        return max(abs(each) / ddq for each, ddq in zip(dq, self._ddq_max, strict=True))

    def _braked(self, dq: _Vector, dt_s: float) -> _Vector:
        """Return the speeds after one step of braking along a straight line."""
        stop_s = self._stop_time(dq)
        return [each * (1.0 - dt_s / stop_s) for each in dq] if stop_s > dt_s else [0.0] * len(dq)

    def _kept_inside(self, dq: _Vector, dq_last: _Vector, dt_s: float) -> _Vector:
        """Return the speeds between braking and `dq`, nearest to `dq`, from which the arm can still stop inside."""
        dq = self._within_range(dq, dq_last, dt_s)
        if dt_s == 0.0 or self._stops_inside(dq, dt_s):
            return dq
        brake = self._braked(dq_last, dt_s)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            inside = self._stops_inside(_between(brake, dq, middle), dt_s)
            low, high = (middle, high) if inside else (low, middle)
        return _between(brake, dq, low)

    def _within_range(self, dq: _Vector, dq_last: _Vector, dt_s: float) -> _Vector:
        """Slow only the joints that are near the end of their range."""
        reach_s = dt_s + self._stop_time(dq) / 2.0
        if reach_s == 0.0:
            return dq
        ranges = zip(dq, self._q, self._low, self._high, strict=True)
        slower = [_clipped(each, (low - q) / reach_s, (high - q) / reach_s) for each, q, low, high in ranges]
        changes = zip(slower, dq_last, self._ddq_max, strict=True)
        return [_clipped(each, last - ddq * dt_s, last + ddq * dt_s) for each, last, ddq in changes]

    def _stops_inside(self, dq: _Vector, dt_s: float) -> bool:
        """Return whether one step at `dq` followed by braking stays in the joint ranges and the workspace box."""
        reach_s = dt_s + self._stop_time(dq) / 2.0
        ranges = zip(_along(self._q, dq, reach_s), self._low, self._high, strict=True)
        if any(not low - 1e-9 <= q <= high + 1e-9 for q, low, high in ranges):
            return False
        outside_m = max(self._outside_m(_along(self._q, dq, share * reach_s)) for share in _RAY)
        return outside_m <= SLACK_M or outside_m <= self._outside_m(self._q) + 1e-6

    def _outside_m(self, q_rad: _Vector) -> float:
        """Return how far the tool is outside the box, m. An arm that starts outside may not go further out."""
        tool_m = self._tool_position(np.array(q_rad)).tolist()
        walls = zip(tool_m, self._box, strict=True)
        outside_m = [low - x if x < low else x - high for x, (low, high) in walls if not low <= x <= high]
        return math.hypot(*outside_m)

    def _gripper(self, wanted: float, dt_s: float) -> tuple[float, tuple[str, ...]]:
        inside = min(max(wanted, 0.0), 1.0)
        reach = self._spec.gripper_rate_max * dt_s
        sent = min(max(inside, self._last.gripper - reach), self._last.gripper + reach)
        reasons = ("position:gripper",) if inside != wanted else ()
        return sent, reasons + (("velocity:gripper",) if abs(sent - inside) > 1e-9 else ())

    def _reasons(self, limit: str, spoke: Iterable[bool]) -> tuple[str, ...]:
        return tuple(f"{limit}:{name}" for name, is_so in zip(self._spec.joint_names, spoke, strict=True) if is_so)

    def _step(self, dq: _Vector, dt_s: float, gripper: float, stamp_s: float, reasons: tuple[str, ...]) -> ArmCommand:
        return ArmCommand(np.array(_along(self._q, dq, dt_s)), gripper, stamp_s, reasons)


def _clipped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _along(q: _Vector, dq: _Vector, dt_s: float) -> _Vector:
    """Return the joint angles after `dt_s` at speeds `dq`, starting from `q`."""
    return [start + speed * dt_s for start, speed in zip(q, dq, strict=True)]


def _between(start: _Vector, end: _Vector, share: float) -> _Vector:
    return [one + share * (other - one) for one, other in zip(start, end, strict=True)]


def _stopping_speed(distance_rad: float, ddq_max: float, dt_s: float) -> float:
    """Compute the greatest speed from which steps of `dt_s`, decelerating at `ddq_max`, stop within the distance.

    One step of v, then k of v - a dt, v - 2 a dt, ...: (k + 1) v dt - a dt^2 k (k + 1) / 2 = distance.
    """
    step = ddq_max * dt_s**2
    k = max(math.ceil((math.sqrt(1.0 + 8.0 * distance_rad / step) - 3.0) / 2.0), 0)
    return (distance_rad + step * k * (k + 1.0) / 2.0) / ((k + 1.0) * dt_s)


def _scaled_within(dq: _Vector, dq_max: _Vector) -> _Vector:
    """Scale speeds by a common factor so that none exceeds its bound."""
    excess = max(1.0, *(abs(each) / max(most, 1e-12) for each, most in zip(dq, dq_max, strict=True)))
    return [each / excess for each in dq]


def _smoothed(dq: _Vector, bounds: list[tuple[float, float]]) -> _Vector:
    """Scale speeds `dq` by the largest common factor within bounds (low, high); if none fits, clip each joint."""
    least, most, resting = 0.0, 1.0, True
    for each, (low, high) in zip(dq, bounds, strict=True):
        if abs(each) > 1e-12:
            ends = low / each, high / each
            least, most = max(least, min(ends)), min(most, max(ends))
        else:
            resting = resting and low <= 0.0 <= high
    if least <= most and resting:
        return [most * each for each in dq]
    return [_clipped(each, low, high) for each, (low, high) in zip(dq, bounds, strict=True)]
