"""Instruction readers of agents without a world model: none, or one that uses the simulation's true objects."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from robot_wm.goals import NAMES
from robot_wm.records import Refusal, Understanding
from robot_wm.station.station import Simulation

if TYPE_CHECKING:
    from robot_wm.language.grounding import Grounding

Reader = Callable[[str], Understanding | Refusal]  # from text to goals


def only_given(text: str) -> Refusal:
    """Refuse any text: the agent must be given goals."""
    return Refusal("this agent does not interpret text; give it goals", "language")


def reader_of(simulation: Simulation, grounding: "Grounding") -> Reader:
    """Return a reader that knows the true objects on a simulated table."""
    return lambda text: grounding.understand(text, {name: float(name in simulation.names) for name in NAMES})
