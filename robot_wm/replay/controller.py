"""The controller of a log, built again: the same weights, settings, seed and kinematics, fed with what was logged.

The planner's deadline is on the wall clock, so the log says how many iterations were done, and as many are done
again. A decision that came late then is held again now.
"""

from dataclasses import dataclass
from typing import final

from robot_wm.actions import CartesianActions
from robot_wm.agents.planner import PlannerAgent
from robot_wm.control.loop import LATE, why_hold
from robot_wm.errors import LogError
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import LogGoal, LogLook, LogTick
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.replay.closed_loop import Rerun, Stretch, held_as
from robot_wm.types import ArmTarget, Goal, Observation

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

    def __init__(self, agent: PlannerAgent, kinematics: Kinematics) -> None:
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
        held = LATE if tick.held == LATE else why_hold(decision)
        still = ArmTarget(seen.sent.q_rad, seen.sent.gripper)
        return Replayed(decision, held, still if held else self._actions.target(decision.action, seen.state, seen.sent))


@final
class RerunPlanner(Rerun):
    """The log's agent in a session that is run again: it sees what is seen now, and searches as long as it did then."""

    def __init__(self, agent: PlannerAgent) -> None:
        self._agent = agent
        self._stretch = Stretch(None, [])

    def expect(self, stretch: Stretch) -> None:
        if stretch.goal is None:
            raise LogError(NO_GOAL)
        self._stretch, self._left = stretch, iter(stretch.ticks)

    def reset(self, seed: int) -> None:
        self._agent.reset(seed)

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        return self._agent.understand(instruction, observation)

    def start(self, task: Task | None, observation: Observation) -> Goal | None:
        return self._agent.start(task, observation)

    def decide(self, observation: Observation) -> Decision:
        tick = next(self._left)
        plan = tick.decision.plan
        return held_as(tick, self._agent.decide(observation, None if plan is None else plan.iterations))

    def describe(self) -> AgentRecord:
        return self._agent.describe()
