"""From an agent's name to the agent."""

from pathlib import Path

from robot_wm.agents.baselines import HoldAgent, RandomAgent
from robot_wm.agents.reader import only_given, reader_of
from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.control.agent import Agent
from robot_wm.errors import UnknownNameError
from robot_wm.station.station import Station, require_simulation

LEARNED = ("planner", "prior")
AGENTS = (*LEARNED, "random", "hold", "oracle")


def open_agent(
    name: str,
    station: Station,
    checkpoint: Path | None = None,
    seed: int = 0,
    language: bool = True,
    force: bool = False,
) -> Agent:
    """Open an agent for a robot setup.

    Args:
        name: "planner", "prior" (the model's action head alone), "oracle" (the simulation's scripted expert, which
            sees the true state), "random" or "hold".
        station: the setup it is to run on; it need not be entered yet.
        checkpoint: weights of a learned agent; None: the shipped ones.
        seed: of the agent's own randomness.
        language: whether it interprets words, or is only ever given goals. A learned agent sees what is on the table;
            the others are told by the simulation.
        force: use a checkpoint although the arm's joint ranges are wider than in training.

    Raises:
        UnknownNameError: there is no such agent.
        ConfigError: the agent needs a simulation, and the setup has none.
        CheckpointError: the weights are missing, damaged, or of another arm.
    """
    if name not in AGENTS:
        raise UnknownNameError("policy", name, AGENTS)
    if name in LEARNED:
        from robot_wm.agents.planner_factory import open_planner

        return open_planner(name, checkpoint, station.arm.spec, language, force=force)
    read = only_given
    if language:
        from robot_wm.language.grounding import Grounding

        read = reader_of(require_simulation(station, f"the policy {name!r}"), Grounding.load())
    if name == "oracle":
        return ScriptedExpert(require_simulation(station, "the policy 'oracle'"), seed, read)
    return HoldAgent(read) if name == "hold" else RandomAgent(seed, read=read)
