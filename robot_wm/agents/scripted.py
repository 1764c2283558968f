"""The oracle and `hold` as speakers: they hear English, are told what lies on the table, and need no world model.

For arms that no model was trained on, and for looking at what is wrong when a learned policy fails. Simulation only.
"""

from typing import Any, final

from robot_wm.agents.baselines import HoldPolicy
from robot_wm.control.policy import Policy
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import NAMES, Task
from robot_wm.language.grounding import Grounding
from robot_wm.records import Decision, Refusal, Understanding
from robot_wm.station.station import SimulatedStation, Station
from robot_wm.types import Observation

SCRIPTED = ("oracle", "hold")


@final
class ScriptedSpeaker:
    """Understands by the shipped readers of instructions; acts as `policy` says. Enter the station before it is asked.

    Raises UnknownNameError for another policy, ConfigError for a station without a simulator's state.
    """

    def __init__(self, policy: str, station: Station, seed: int, grounding: Grounding) -> None:
        if policy not in SCRIPTED:
            raise UnknownNameError("scripted policy", policy, SCRIPTED)
        if not isinstance(station, SimulatedStation):
            raise ConfigError(f"the policy {policy!r} looks into the simulator; this arm is none, take --arm mujoco")
        self._kind, self._station, self._seed, self._grounding = policy, station, seed, grounding
        self._policy: Policy = HoldPolicy()

    def understand(self, instruction: str, observation: Observation) -> Understanding | Refusal:
        """What is meant, given what the simulator says is on the table."""
        return self._grounding.understand(instruction, {name: float(name in self._station.names) for name in NAMES})

    def goal(self, task: Task, observation: Observation) -> Any:
        """The task itself: a script needs no point in goal space."""
        return task

    def start(self, goal: Task) -> None:
        """Take up a task."""
        self._policy = self._station.oracle(goal, self._seed) if self._kind == "oracle" else HoldPolicy()
        self._policy.start(goal)

    def decide(self, observation: Observation) -> Decision:
        """As the script says."""
        return self._policy.decide(observation)
