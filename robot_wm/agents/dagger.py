"""A checkpoint's action head drives while data are collected, so that they hold its own mistakes (DAgger).

Ross, Gordon, Bagnell: A Reduction of Imitation Learning and Structured Prediction to No-Regret Online Learning, 2011.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_wm.agents.planner import open_planner
from robot_wm.goals import Task
from robot_wm.log.provenance import file_sha256
from robot_wm.records import Instruction
from robot_wm.types import ArmSpec, Observation
from robot_wm.world_model.checkpoint import header

Actor = Callable[[Observation], NDArray[np.float32]]


def open_driver(checkpoint: Path, spec: ArmSpec) -> Callable[[Task, Observation], Actor]:
    """Open a checkpoint's action head as a driver: it takes up a goal, then returns actions for observations."""
    agent = open_planner("prior", checkpoint, spec, language=False)

    def take_up(task: Task, observation: Observation) -> Actor:
        agent.understand(Instruction("", (task,)), observation)
        agent.start(task, observation)
        return lambda seen: np.asarray(agent.decide(seen).action, np.float32)

    return take_up


def driver_of(checkpoint: Path) -> tuple[Callable[[ArmSpec], Callable[[Task, Observation], Actor]], str]:
    """Return what worker processes open the driver with, and what is recorded of it. Raises CheckpointError."""
    header(checkpoint)
    return partial(open_driver, checkpoint), f"sha256:{file_sha256(checkpoint)}"
