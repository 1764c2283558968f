"""Who is evaluated on what, in plain values, so that it can be sent to worker processes and opened there."""

from dataclasses import dataclass
from pathlib import Path

from robot_wm.agents.make import AGENTS, LEARNED, open_agent
from robot_wm.control.agent import Agent
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.suite import Suite
from robot_wm.records import Instruction
from robot_wm.station.make import make
from robot_wm.station.station import Station


@dataclass(frozen=True)
class Recipe:
    """An agent under test and its robot setup. Raises UnknownNameError for an agent that is not known."""

    policy: str
    arm: str = "mujoco"
    checkpoint: Path | None = None  # None: the shipped one
    given: bool = False  # give it the goals instead of the instruction; baselines and the expert always get these
    force: bool = False  # use the checkpoint although joint ranges are wider than in training

    def __post_init__(self) -> None:
        if self.policy not in AGENTS:
            raise UnknownNameError("policy", self.policy, AGENTS)

    @property
    def learned(self) -> bool:
        """Whether a checkpoint takes part."""
        return self.policy in LEARNED

    @property
    def hears_words(self) -> bool:
        """Whether the agent interprets the words of an instruction."""
        return self.learned and not self.given

    def instruction(self, line: Line) -> Instruction:
        """Make the instruction that the agent gets of a line."""
        return Instruction(line.instruction, None if self.hears_words else line.goals)

    def open(self, suite: Suite) -> tuple[Station, Agent]:
        """Open the setup and the agent. Raises ConfigError where the arm is not simulated."""
        station = make(self.arm, suite.scene)
        if station.simulation is None:
            raise ConfigError(f"success is measured in simulation; arm {self.arm!r} is none, take --arm mujoco")
        return station, open_agent(self.policy, station, self.checkpoint, language=self.hears_words, force=self.force)
