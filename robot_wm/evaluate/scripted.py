"""The oracle and `hold` as speakers: they hear English, are told what lies on the table, and need no world model.

For arms that no model was trained on, and for looking at what is wrong when a learned policy fails. Simulation only.
"""

from typing import Any, final

from robot_wm.control.bench import Bench, SimulatedBench
from robot_wm.control.floors import HoldPolicy
from robot_wm.control.policy import Decision, Policy
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.language.grounding import Grounding, Refusal, Understanding
from robot_wm.tasks import NAMES, Task
from robot_wm.types import Observation

SCRIPTED = ("oracle", "hold")


@final
class ScriptedSpeaker:
    """Understands by the shipped readers of instructions; acts as `policy` says. Enter the bench before it is asked.

    Raises UnknownNameError for another policy, ConfigError for a bench without a simulator's state.
    """

    def __init__(self, policy: str, bench: Bench, seed: int, grounding: Grounding) -> None:
        if policy not in SCRIPTED:
            raise UnknownNameError("scripted policy", policy, SCRIPTED)
        if not isinstance(bench, SimulatedBench):
            raise ConfigError(f"the policy {policy!r} looks into the simulator; this arm is none, take --arm mujoco")
        self._kind, self._bench, self._seed, self._grounding = policy, bench, seed, grounding
        self._policy: Policy = HoldPolicy()

    def understand(self, instruction: str, observation: Observation) -> Understanding | Refusal:
        """What is meant, given what the simulator says is on the table."""
        return self._grounding.understand(instruction, {name: float(name in self._bench.names) for name in NAMES})

    def goal(self, task: Task, observation: Observation) -> Any:
        """The task itself: a script needs no point in goal space."""
        return task

    def start(self, goal: Task) -> None:
        """Take up a task."""
        self._policy = self._bench.oracle(goal, self._seed) if self._kind == "oracle" else HoldPolicy()
        self._policy.start(goal)

    def decide(self, observation: Observation) -> Decision:
        """As the script says."""
        return self._policy.decide(observation)
