"""The learned policies as contestants: what they are told is the instruction alone."""

from pathlib import Path
from typing import Any, final

from robot_wm.agents.planner import PlannerAgent
from robot_wm.agents.planner_factory import open_planner
from robot_wm.control.policy import Policy
from robot_wm.evaluate.contestants import Refused
from robot_wm.evaluate.instructions import Line
from robot_wm.goals import Task
from robot_wm.records import Decision, Instruction, Refusal, Understanding
from robot_wm.types import ArmSpec, Goal, Observation


class TwoStep:
    """A planner agent whose goals are placed and pursued in two calls, as `Session` and `Contestant` do."""

    def __init__(self, agent: PlannerAgent) -> None:
        self.agent = agent

    def understand(self, instruction: str, observation: Observation) -> Understanding | Refusal:
        return self.agent.understand(Instruction(instruction), observation)

    def goal(self, task: Task, observation: Observation) -> Goal:
        return self.agent.start(task, observation)

    def start(self, goal: Goal) -> None:
        self.agent.pursue(goal)

    def decide(self, observation: Observation) -> Decision:
        return self.agent.decide(observation)


def open_agent(policy: str, checkpoint: Path | None, spec: ArmSpec, language: bool = True) -> TwoStep:
    """The agent of `--policy planner` or `prior` for one arm. Raises CheckpointError, MissingDependencyError."""
    return TwoStep(open_planner(policy, checkpoint, spec, language))


@final
class Learned:
    """Implements `Contestant` with an agent. Its own chance starts anew with each goal.

    `given`: it hears no instruction but is told the goals, which measures all of it but its language.
    """

    def __init__(self, policy: str, checkpoint: Path | None, spec: ArmSpec, given: bool = False) -> None:
        self._agent = open_agent(policy, checkpoint, spec, language=not given)
        self._given = given

    def understand(self, said: Line, observation: Observation, seed: int) -> tuple[Task, ...] | Refused:
        if self._given:
            self._agent.agent.look(observation)
            return Refused("told to do nothing") if said.kind == "none" else said.goals
        reply = self._agent.understand(said.instruction, observation)
        return Refused(reply.words) if isinstance(reply, Refusal) else reply.tasks

    def take_up(self, task: Task, observation: Observation) -> tuple[Policy, Any]:
        return self._agent, self._agent.goal(task, observation)
