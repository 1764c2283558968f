"""Open agents by name."""

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
        station: the robot setup it will run on; need not be entered yet.
        checkpoint: weights of a learned agent; None: the shipped ones.
        seed: random seed of the agent.
        language: whether it interprets text, or only receives goals. A learned agent sees which objects are on the
            table; the others get them from the simulation.
        force: accept joint ranges of the arm that are wider than in training.

    Raises:
        UnknownNameError: no agent has this name.
        ConfigError: the agent needs a simulation and the setup has none.
        CheckpointError: the weights are missing, damaged, or trained for another arm.
    """
    if name not in AGENTS:
        raise UnknownNameError("policy", name, AGENTS)
    if name in LEARNED:
        from robot_wm.agents.planner_factory import open_planner

        cameras = {key: (each.spec.height, each.spec.width) for key, each in station.cameras.items()}
        return open_planner(name, checkpoint, station.arm.spec, language, force=force, cameras=cameras)
    read = only_given
    if language:
        from robot_wm.language.grounding import Grounding

        read = reader_of(require_simulation(station, f"the policy {name!r}"), Grounding.load())
    if name == "oracle":
        return ScriptedExpert(require_simulation(station, "the policy 'oracle'"), seed, read)
    return HoldAgent(read) if name == "hold" else RandomAgent(seed, read=read)
