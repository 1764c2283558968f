"""A checkpoint at the wheel while data are collected: its own mistakes, with the expert's answers beside them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_wm.evaluate.learned import open_agent
from robot_wm.goals import Task
from robot_wm.log.provenance import file_sha256
from robot_wm.types import ArmSpec, Observation
from robot_wm.world_model.checkpoint import read_header

Actor = Callable[[Observation], NDArray[np.float32]]


def open_driver(checkpoint: Path, spec: ArmSpec) -> Callable[[Task, Observation], Actor]:
    """The action head of a checkpoint as a driver of play: takes up a goal, then acts."""
    agent = open_agent("prior", checkpoint, spec, language=False)

    def take_up(task: Task, observation: Observation) -> Actor:
        agent.follow(agent.look(observation))
        agent.start(agent.goal(task, observation))
        return lambda seen: np.asarray(agent.decide(seen).action, np.float32)

    return take_up


def driver_of(checkpoint: Path) -> tuple[Callable[[ArmSpec], Callable[[Task, Observation], Actor]], str]:
    """What worker processes open the driver with, and what is written down of it. Raises CheckpointError."""
    read_header(checkpoint)
    return partial(open_driver, checkpoint), f"sha256:{file_sha256(checkpoint)}"
