"""The control loop: observe, decide, command, wait, until a judge is satisfied or the ticks run out.

Runs on any arm, cameras and clock. Knows no model, no simulator and no port. If a decision is late or not finite, the
arm holds its last command for that tick, and the hold is counted.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from robot_wm.camera import Camera
from robot_wm.control.agent import Decides
from robot_wm.control.clock import Clock
from robot_wm.control.judging import Judge
from robot_wm.records import Decision, GoalResult, Tick
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Observation

LATE, NOT_FINITE = "late", "not finite"  # reasons for not following a decision


class ArmLike(Protocol):
    """The part of an arm that the loop uses; implemented by `Arm` and `ArmGuard`."""

    @property
    def sent(self) -> ArmCommand:
        """The command in force."""
        ...

    def read(self) -> ArmState:
        """Measure the arm."""
        ...

    def command(self, target: ArmTarget) -> ArmCommand:
        """Limit a target, send it, and return what was sent."""
        ...


class ActionSpace(Protocol):
    """Converts actions to joint targets, as `robot_wm.action_space.CartesianActions` does."""

    def target(self, action: np.ndarray, state: ArmState, sent: ArmCommand) -> ArmTarget:
        """Return the joint target of an action."""
        ...


def run_goal(
    arm: ArmLike,
    cameras: Mapping[str, Camera],
    clock: Clock,
    agent: Decides,
    actions: ActionSpace,
    judge: Judge,
    ticks_max: int,
    on_tick: Callable[[Tick], None] = lambda tick: None,
    dt_s: float = 0.1,
) -> GoalResult:
    """Pursue the goal that `agent` has started.

    Args:
        arm: The arm, connected.
        cameras: Connected cameras by name.
        clock: Waited on between ticks.
        agent: Chooses the actions (a,).
        actions: Converts actions to joint targets.
        judge: Tells when the goal is reached.
        ticks_max: Largest number of ticks.
        on_tick: Called after each tick.
        dt_s: Length of a tick, s.

    Returns:
        The verdict, and the decision times and holds of all ticks.

    Raises:
        DeviceError: the arm or a camera failed.
    """
    started_s = due_s = clock.now_s()
    ticks: list[Tick] = []
    while not (judge.done or judge.already_done) and len(ticks) < ticks_max:
        tick = _tick(arm, cameras, clock, agent, actions, len(ticks), dt_s)
        due_s = max(due_s + dt_s, clock.now_s())  # a late tick shifts the schedule; later ticks do not catch up
        _finish(tick, clock, due_s, on_tick)
        judge.update(tick.decision)
        ticks.append(_light(tick))
        on_tick(tick)
    return _result(ticks, judge, clock.now_s() - started_s)


def observe(arm: ArmLike, cameras: Mapping[str, Camera]) -> Observation:
    """Read all cameras and the arm. Raises DeviceError if one of them fails."""
    return Observation({name: camera.read() for name, camera in cameras.items()}, arm.read(), arm.sent)


def why_hold(decision: Decision, took_s: float = 0.0, dt_s: float = 0.1) -> str:
    """Return why a decision that took `took_s` is not followed, LATE or NOT_FINITE; "" if it is followed."""
    if took_s > dt_s:
        return LATE
    return "" if np.all(np.isfinite(decision.action)) else NOT_FINITE


def _tick(
    arm: ArmLike,
    cameras: Mapping[str, Camera],
    clock: Clock,
    agent: Decides,
    actions: ActionSpace,
    number: int,
    dt_s: float,
) -> Tick:
    seen_s, sent = clock.now_s(), arm.sent
    observation = observe(arm, cameras)
    started_s = time.perf_counter()
    decision = agent.decide(observation)
    held = why_hold(decision, clock.now_s() - seen_s, dt_s)
    target = ArmTarget(sent.q_rad, sent.gripper) if held else actions.target(decision.action, observation.state, sent)
    now_sent = arm.command(target)
    took_ms = 1e3 * (time.perf_counter() - started_s)
    return Tick(number, observation, decision, now_sent, held, took_ms, target, seen_s)


def _finish(tick: Tick, clock: Clock, due_s: float, on_tick: Callable[[Tick], None]) -> None:
    """Wait until a tick is over. On Ctrl-C, still complete and report it, since its command was sent."""
    try:
        clock.wait_until(due_s)
    except KeyboardInterrupt:
        clock.wait_until(due_s)
        on_tick(tick)
        raise


def _light(tick: Tick) -> Tick:
    """Return the tick without pictures, so that a long run does not keep them all in memory."""
    observation = Observation({}, tick.observation.state, tick.observation.sent)
    decision = Decision(tick.decision.action, tick.decision.steps_to_goal, tick.decision.done_probability)
    return replace(tick, observation=observation, decision=decision)


def _result(ticks: list[Tick], judge: Judge, seconds: float) -> GoalResult:
    reasons = [tick.held for tick in ticks if tick.held]
    return GoalResult(
        done=judge.done or judge.already_done,
        already_done=judge.already_done,
        judged_by=judge.judged_by,
        seconds=seconds,
        decision_ms=tuple(tick.decision_ms for tick in ticks),
        steps_to_goal=tuple(tick.decision.steps_to_goal for tick in ticks),
        done_probability=ticks[-1].decision.done_probability if ticks else float("nan"),
        held={reason: reasons.count(reason) for reason in sorted(set(reasons))},
    )
