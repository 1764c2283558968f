"""How agents without a world model interpret instructions: not at all, or by the true objects on a simulated table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from robot_wm.goals import NAMES
from robot_wm.records import Refusal, Understanding
from robot_wm.station.station import Simulation

if TYPE_CHECKING:
    from robot_wm.language.grounding import Grounding

Reader = Callable[[str], Understanding | Refusal]  # from words to goals


def only_given(text: str) -> Refusal:
    """Refuse words: this agent has to be given its goals."""
    return Refusal("this agent interprets no language; give it goals", "language")


def reader_of(simulation: Simulation, grounding: "Grounding") -> Reader:
    """Make a reader that knows the true objects on a simulated table."""
    return lambda text: grounding.understand(text, {name: float(name in simulation.names) for name in NAMES})
