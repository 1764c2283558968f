"""Arm replay: execute logged commands on an arm, after a slow approach, and compare measurements with the log.

The arm's own limits apply as always. An arm that deviates from the log by more than the bound is held in place, since
it may be obstructed, and then stopped (a serial arm parks slowly, monitored for a stall, and releases torque). In all
other cases the arm is parked at the end.
"""

from dataclasses import dataclass, field
from typing import final

import numpy as np

from robot_wm.arm import Arm
from robot_wm.control.clock import Clock
from robot_wm.control.parking import PARK_SPEED_RAD_S, PARKED_WITHIN_RAD, park
from robot_wm.errors import ConfigError, DeviceError, LogError
from robot_wm.replay.keys import PAUSE, STOP, Controls
from robot_wm.replay.trajectory import Trajectory
from robot_wm.types import ArmState, ArmTarget, Floats

SPEED_MIN, SPEED_MAX = 0.05, 2.0
_HOLD_S = 1.0  # hold after the bound was exceeded, before the arm is stopped
_SETTLE_S = 2.0  # allowed for arriving at the end of the approach


@dataclass(frozen=True)
class Manner:
    """Settings for following a log."""

    speed: float = 1.0  # times the log's pace
    bound_rad: float = 0.2  # largest allowed deviation of a joint from the log
    near_rad: float = 0.3  # a log that starts further away needs `approach`
    approach: bool = False  # move slowly to the log's start, however far away

    def __post_init__(self) -> None:
        if not SPEED_MIN <= self.speed <= SPEED_MAX:
            raise ConfigError(f"--speed must be within {SPEED_MIN} and {SPEED_MAX}, received {self.speed}")
        if not self.bound_rad > 0.0:
            raise ConfigError(f"--bound-rad must be above 0, received {self.bound_rad}")


@dataclass
class ArmRun:
    """The result of following a log."""

    approach_rad: float = 0.0  # largest joint distance from the arm to the log's start
    ticks_done: int = 0
    t_s: list[float] = field(default_factory=list)  # of the log, one per reading
    error_rad: list[Floats] = field(default_factory=list)  # (n,) measured less logged
    limited: int = 0  # commands that this arm's limits changed
    stopped: str = ""  # why it ended early
    held: bool = False  # it may be obstructed and was held in place

    @property
    def max_rad(self) -> float:
        """The largest error of any joint."""
        return max((float(np.abs(each).max()) for each in self.error_rad), default=0.0)

    @property
    def rms_rad(self) -> float:
        """Root mean square over joints and readings."""
        return float(np.sqrt(np.mean(np.square(self.error_rad)))) if self.error_rad else 0.0


def follow(arm: Arm, clock: Clock, trajectory: Trajectory, manner: Manner, controls: Controls) -> ArmRun:
    """Drive a connected arm along a trajectory, then park it.

    Raises:
        LogError: the trajectory starts too far from where the arm is; nothing has moved.
        DeviceError: the arm failed, or did not reach the start of the trajectory.
    """
    run = ArmRun(approach_rad=_distance_rad(arm, trajectory))
    _require_near(arm, trajectory, manner, run.approach_rad)
    follower = _Follower(arm, clock, trajectory, manner, controls, run)
    try:
        follower.approach()
        follower.go()
        if not run.held:
            park(arm, clock)
    except KeyboardInterrupt:
        park(arm, clock)
        raise
    finally:
        arm.stop()
    return run


@final
class _Follower:
    def __init__(
        self, arm: Arm, clock: Clock, trajectory: Trajectory, manner: Manner, controls: Controls, run: ArmRun
    ) -> None:
        self._arm, self._clock, self._trajectory = arm, clock, trajectory
        self._manner, self._controls, self._run = manner, controls, run
        self._dt_s = 1.0 / arm.spec.rate_hz
        self._due_s = clock.now_s()

    def approach(self) -> None:
        """Move slowly to the log's start; the gripper last, so that it closes on what it is to hold."""
        start, goal = self._arm.read(), self._trajectory.q_start_rad
        away = goal - start.q_rad
        steps = max(1, int(np.ceil(np.abs(away).max() / (PARK_SPEED_RAD_S * self._dt_s))))
        for step in range(1, steps + 1):
            wanted = start.q_rad + away * (step / steps)
            state = self._send(wanted, start.gripper)
            if self._stopped_by_user() or self._too_far(
                state, wanted - away / steps, "on the way to the start of the log"
            ):
                return
        self._arrive(goal)

    def _arrive(self, goal: Floats) -> None:
        for _ in range(round(_SETTLE_S / self._dt_s)):
            self._send(goal, self._trajectory.gripper_start)
            if np.abs(self._arm.read().q_rad - goal).max() < PARKED_WITHIN_RAD:
                return
        off = np.abs(self._arm.read().q_rad - goal)
        joint = self._arm.spec.joint_names[int(off.argmax())]
        raise DeviceError(
            f"the arm did not reach the start of the log: {joint} is {off.max():.3f} rad off; check the arm"
        )

    def go(self) -> None:
        """Execute the log until its end, a problem, or a stop by the user."""
        now_s, step_s = 0.0, self._dt_s * self._manner.speed
        while not self._run.stopped and now_s < self._trajectory.end_s - 0.5 * step_s:
            self._wait_while_paused()
            if self._stopped_by_user():
                return
            self._step(now_s, now_s + step_s)
            if self._run.stopped:
                return
            now_s += step_s
            self._run.ticks_done = self._trajectory.tick_at(now_s) + (now_s > self._trajectory.end_s - 0.5 * step_s)

    def _step(self, now_s: float, next_s: float) -> None:
        """Send one command, the log's position one step later, and compare the measured position."""
        state = self._send(*self._trajectory.command_at(next_s))
        expected = self._trajectory.seen_at(now_s)
        if expected is not None:
            self._run.t_s.append(now_s)
            self._run.error_rad.append(state.q_rad - expected)
            self._too_far(state, expected, f"at tick {self._trajectory.tick_at(now_s)}")

    def _send(self, q_rad: Floats, gripper: float) -> ArmState:
        """Read, send, and wait for the next step; return what was read."""
        state = self._arm.read()
        sent = self._arm.command(ArmTarget(q_rad, float(gripper)))
        self._run.limited += bool(sent.limited)
        self._due_s = max(self._due_s + self._dt_s, self._clock.now_s())
        self._clock.wait_until(self._due_s)
        return state

    def _wait_while_paused(self) -> None:
        sent = self._arm.sent
        while self._controls.wanted() == PAUSE:
            self._send(sent.q_rad, sent.gripper)

    def _stopped_by_user(self) -> bool:
        if self._controls.wanted() == STOP:
            self._run.stopped = "stopped by the user"
        return bool(self._run.stopped)

    def _too_far(self, state: ArmState, expected: Floats, where: str) -> bool:
        off = np.abs(state.q_rad - expected)
        if off.max() <= self._manner.bound_rad:
            return False
        joint = self._arm.spec.joint_names[int(off.argmax())]
        self._run.stopped = (
            f"{joint} is {off.max():.3f} rad from the log {where}, more than the bound of {self._manner.bound_rad} rad"
        )
        self._run.held = True
        self._hold()
        return True

    def _hold(self) -> None:
        """Hold the arm where it is for _HOLD_S."""
        here = self._arm.read().q_rad
        for _ in range(round(_HOLD_S / self._dt_s)):
            self._send(here, self._arm.sent.gripper)


def _distance_rad(arm: Arm, trajectory: Trajectory) -> float:
    return float(np.abs(arm.read().q_rad - trajectory.q_start_rad).max())


def _require_near(arm: Arm, trajectory: Trajectory, manner: Manner, away_rad: float) -> None:
    if away_rad <= manner.near_rad or manner.approach:
        return
    joint = arm.spec.joint_names[int(np.abs(arm.read().q_rad - trajectory.q_start_rad).argmax())]
    raise LogError(
        f"the log starts {away_rad:.2f} rad ({joint}) from the position of arm {arm.spec.name!r}, more than "
        f"{manner.near_rad} rad; clear its path and add --approach, which moves there slowly"
    )
