"""The controller of a log, made again: the same weights, settings, seed and kinematics, fed with what was logged.

The planner's deadline is on the wall's clock, so the log says how many iterations were done, and as many are done
again. A decision that came late then is held again now.
"""

from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from robot_wm.action_space import CartesianActions
from robot_wm.agents.planner import Agent
from robot_wm.control.policy import Policy
from robot_wm.errors import LogError
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import LogGoal, LogLook, LogTick
from robot_wm.records import Decision
from robot_wm.replay.closed_loop import Stretch, held_as
from robot_wm.types import ArmTarget, Goal, Observation

LATE, NOT_FINITE = "late", "not finite"
NO_GOAL = "a tick comes before any goal: the log has no message on its channel /goal, or its beginning is missing"


@dataclass(frozen=True)
class Replayed:
    """What the controller makes of one logged tick."""

    decision: Decision
    held: str
    target: ArmTarget


@final
class Controller:
    """Told of a log's looks, goals and ticks in their order."""

    def __init__(self, agent: Agent, kinematics: Kinematics) -> None:
        self.agent = agent
        self._actions = CartesianActions(kinematics)
        self._seen: Observation | None = None

    def look(self, look: LogLook) -> None:
        """A look: to understand, which fixes what is followed, or to place a goal."""
        self._seen = look.observation
        if look.purpose == "understand":
            self.agent.follow(self.agent.look(look.observation))

    def take_up(self, logged: LogGoal) -> Goal:
        """The goal as this controller places it; it is pursued as it was logged, so that ticks can be compared."""
        if self._seen is None:
            raise LogError("a goal comes before any look: the log has no message on its channel /look")
        mine = self.agent.goal(Task.from_json(logged.task), self._seen)
        self.agent.start(mine if logged.goal is None else logged.goal)
        return mine

    def decide(self, tick: LogTick) -> Replayed:
        """The tick's decision, with as many iterations of the search as were done then."""
        seen = tick.observation
        plan = tick.decision.plan
        decision = self.agent.decide(seen, None if plan is None else plan.iterations)
        held = _why_hold(decision, tick.held)
        still = ArmTarget(seen.sent.q_rad, seen.sent.gripper)
        return Replayed(decision, held, still if held else self._actions.target(decision.action, seen.state, seen.sent))


def _why_hold(decision: Decision, logged: str) -> str:
    if logged == LATE:
        return LATE
    return "" if np.all(np.isfinite(decision.action)) else NOT_FINITE


@final
class ControllerDrives:
    """The same controller in a loop that is run again: it sees what is seen now. Fits `closed_loop.Driver`."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def look(self, look: LogLook, seen: Observation) -> None:
        """Look again."""
        self._controller.look(replace(look, observation=seen))

    def pursue(self, stretch: Stretch) -> tuple[Policy, Any]:
        """The agent, and the goal as it places it now."""
        if stretch.goal is None:
            raise LogError(NO_GOAL)
        return _Again(self._controller.agent, stretch.ticks), self._controller.take_up(stretch.goal)


class _Again:
    """The agent, searching as long as it did then."""

    def __init__(self, agent: Agent, ticks: list[LogTick]) -> None:
        self._agent, self._left = agent, iter(ticks)

    def start(self, goal: Any) -> None:
        self._agent.start(goal)

    def decide(self, observation: Observation) -> Decision:
        tick = next(self._left)
        plan = tick.decision.plan
        return held_as(tick, self._agent.decide(observation, None if plan is None else plan.iterations))
