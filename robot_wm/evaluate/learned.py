"""The learned policies as contestants: what they are told is the instruction alone."""

from pathlib import Path
from typing import Any, final

from robot_wm.agents.planner import Agent, make_agent
from robot_wm.config import find_config, load_config
from robot_wm.control.policy import Policy
from robot_wm.evaluate.contestants import Refused
from robot_wm.evaluate.instructions import Line
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.language.grounding import Grounding
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.records import Refusal
from robot_wm.types import ArmSpec, Observation
from robot_wm.world_model.checkpoint import load


def open_agent(policy: str, checkpoint: Path | None, spec: ArmSpec, language: bool = True) -> Agent:
    """The agent of `--policy planner` or `prior` for one arm. Raises CheckpointError, MissingDependencyError."""
    model = load(checkpoint, Kinematics(spec))
    config = load_config(PlannerConfig, find_config("plan", "default"))
    return make_agent(model, policy, config, Grounding.load() if language else None)


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
            self._agent.follow(self._agent.look(observation))
            return Refused("told to do nothing") if said.is_refusal else said.goals
        reply = self._agent.understand(said.instruction, observation)
        return Refused(reply.words) if isinstance(reply, Refusal) else reply.tasks

    def take_up(self, task: Task, observation: Observation) -> tuple[Policy, Any]:
        return self._agent, self._agent.goal(task, observation)
