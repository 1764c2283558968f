"""The learned policies as contestants: what they are told is the instruction alone."""

from pathlib import Path
from typing import Any, final

from robot_wm.config import find_config, load_config
from robot_wm.control.policy import Policy
from robot_wm.evaluate.contestants import Refused
from robot_wm.evaluate.instructions import Line
from robot_wm.kinematics import Kinematics
from robot_wm.language.grounding import Grounding, Refusal
from robot_wm.planning.agent import Agent, make_agent
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.tasks import Task
from robot_wm.types import ArmSpec, Observation
from robot_wm.world_model.checkpoint import load


def open_agent(policy: str, checkpoint: Path | None, spec: ArmSpec) -> Agent:
    """The agent of `--policy planner` or `prior` for one arm. Raises CheckpointError, MissingDependencyError."""
    model = load(checkpoint, Kinematics(spec))
    return make_agent(model, policy, load_config(PlannerConfig, find_config("plan", "default")), Grounding())


@final
class Learned:
    """Implements `Contestant` with an agent. Its own chance starts anew with each goal."""

    def __init__(self, policy: str, checkpoint: Path | None, spec: ArmSpec) -> None:
        self._agent = open_agent(policy, checkpoint, spec)

    def understand(self, said: Line, observation: Observation, seed: int) -> tuple[Task, ...] | Refused:
        reply = self._agent.understand(said.instruction, observation)
        return Refused(reply.words) if isinstance(reply, Refusal) else reply.tasks

    def take_up(self, task: Task, observation: Observation) -> tuple[Policy, Any]:
        return self._agent, self._agent.goal(task, observation)
