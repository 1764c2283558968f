"""Agent under test and robot setup as plain values, which worker processes can receive and open."""

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
    """An agent under test and its robot setup. Raises UnknownNameError for an unknown agent."""

    policy: str
    arm: str = "mujoco"
    checkpoint: Path | None = None  # None: the shipped one
    given: bool = False  # whether to pass goals instead of text; baselines and the expert always get goals
    force: bool = False  # accept joint ranges of the arm that are wider than in training

    def __post_init__(self) -> None:
        if self.policy not in AGENTS:
            raise UnknownNameError("policy", self.policy, AGENTS)

    @property
    def learned(self) -> bool:
        """True if the agent uses a checkpoint."""
        return self.policy in LEARNED

    @property
    def hears_words(self) -> bool:
        """True if the agent interprets the text of an instruction."""
        return self.learned and not self.given

    def instruction(self, line: Line) -> Instruction:
        """Return the instruction that the agent receives for a line."""
        return Instruction(line.instruction, None if self.hears_words else line.goals)

    def open(self, suite: Suite) -> tuple[Station, Agent]:
        """Open the setup and the agent. Raises ConfigError if the arm is not simulated."""
        station = make(self.arm, suite.scene)
        if station.simulation is None:
            raise ConfigError(f"evaluation needs a simulated arm, received {self.arm!r}; use --arm mujoco")
        return station, open_agent(self.policy, station, self.checkpoint, language=self.hears_words, force=self.force)
