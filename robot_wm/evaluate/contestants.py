"""Who is measured: something that takes an instruction in and pursues goals. Floors and the ceiling are told the goals.

A `Recipe` says in plain values who plays on which station, so that it can be sent to worker processes and opened there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from robot_wm import registry
from robot_wm.agents.baselines import HoldPolicy, RandomPolicy
from robot_wm.control.policy import Policy
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.suite import Suite
from robot_wm.goals import Task
from robot_wm.station.station import SimulatedStation
from robot_wm.types import Observation

LEARNED = ("planner", "prior")
POLICIES = (*LEARNED, "random", "hold", "oracle")


@dataclass(frozen=True)
class Refused:
    """The instruction was not taken up."""

    words: str


class Contestant(Protocol):
    """Takes one episode at a time."""

    def understand(self, said: Line, observation: Observation, seed: int) -> tuple[Task, ...] | Refused:
        """What it takes the instruction for. Opens an episode; `seed` settles all its chance."""
        raise NotImplementedError

    def take_up(self, task: Task, observation: Observation) -> tuple[Policy, Any]:
        """The policy that will pursue `task`, and the goal to start it with."""
        raise NotImplementedError


class Told:
    """Hears no language: it is told the goals that the instruction stands for."""

    def __init__(self, policy_for: Callable[[Task, int], Policy], refuses: bool) -> None:
        self._policy_for = policy_for
        self._refuses = refuses
        self._seed = 0

    def understand(self, said: Line, observation: Observation, seed: int) -> tuple[Task, ...] | Refused:
        self._seed = seed
        return Refused("told to do nothing") if self._refuses and said.is_refusal else said.goals

    def take_up(self, task: Task, observation: Observation) -> tuple[Policy, Any]:
        return self._policy_for(task, self._seed), task


@dataclass(frozen=True)
class Recipe:
    """Who plays, on what."""

    policy: str
    arm: str = "mujoco"
    checkpoint: Path | None = None  # None: the shipped one
    given: bool = False  # the goals are given to it instead of the instruction; to floors and ceiling they always are

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise UnknownNameError("policy", self.policy, POLICIES)

    @property
    def learned(self) -> bool:
        """Whether a checkpoint takes part."""
        return self.policy in LEARNED

    def open(self, suite: Suite) -> tuple[SimulatedStation, Contestant]:
        """The station and the contestant on it. Raises ConfigError for a station that cannot be laid anew."""
        station = registry.find(registry.ARMS, self.arm)(suite.scene)
        if not isinstance(station, SimulatedStation):
            raise ConfigError(f"success is measured in simulation; arm {self.arm!r} is none, take --arm mujoco")
        return station, self._contestant(station)

    def _contestant(self, station: SimulatedStation) -> Contestant:
        if self.policy == "oracle":
            return Told(station.oracle, refuses=True)
        if self.policy in ("hold", "random"):
            return Told(partial(_floor, self.policy), refuses=False)
        from robot_wm.evaluate.learned import Learned

        return Learned(self.policy, self.checkpoint, station.arm.spec, self.given)


def _floor(name: str, task: Task, seed: int) -> Policy:
    return HoldPolicy() if name == "hold" else RandomPolicy(seed)
