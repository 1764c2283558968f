"""The scripted expert of a simulation as an agent. It sees the true state, so it gives an upper bound on success."""

from typing import final

from robot_wm.agents.reader import Reader, only_given
from robot_wm.control.agent import Agent, Decides, accept_given
from robot_wm.errors import RefusedError
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.station.station import Simulation
from robot_wm.types import Observation


@final
class ScriptedExpert(Agent):
    """Pursues goals with the simulation's expert. `read` interprets instructions without goals."""

    def __init__(self, simulation: Simulation, seed: int = 0, read: Reader = only_given) -> None:
        self._simulation, self._seed, self._read = simulation, seed, read
        self._expert: Decides | None = None

    def reset(self, seed: int) -> None:
        self._seed, self._expert = seed, None

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        return accept_given(instruction) or self._read(instruction.text)

    def start(self, task: Task | None, observation: Observation) -> None:
        """Start a goal. Raises RefusedError without one, UnknownNameError for an object that is not on the table."""
        if task is None:
            raise RefusedError('the scripted expert needs a goal, such as {"skill": "home"}; received none')
        self._expert = self._simulation.expert(task, self._seed)

    def decide(self, observation: Observation) -> Decision:
        assert self._expert is not None, "decide() before start()"
        return self._expert.decide(observation)

    def describe(self) -> AgentRecord:
        return AgentRecord("oracle", seed=self._seed, given=True)
