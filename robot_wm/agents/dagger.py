"""Collect data while a checkpoint's action head drives, so that they contain its own mistakes (DAgger).

Ross, Gordon, Bagnell: A Reduction of Imitation Learning and Structured Prediction to No-Regret Online Learning, 2011.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_wm.agents.planner_factory import open_planner
from robot_wm.goals import Task
from robot_wm.log.provenance import file_sha256
from robot_wm.records import Instruction
from robot_wm.types import ArmSpec, Observation
from robot_wm.world_model.checkpoint_header import read_header

Actor = Callable[[Observation], NDArray[np.float32]]


def open_driver(checkpoint: Path, spec: ArmSpec) -> Callable[[Task, Observation], Actor]:
    """Open a checkpoint's action head as a driver: a function that starts a goal and returns its actor."""
    agent = open_planner("prior", checkpoint, spec, language=False)

    def take_up(task: Task, observation: Observation) -> Actor:
        agent.understand(Instruction("", (task,)), observation)
        agent.start(task, observation)
        return lambda seen: np.asarray(agent.decide(seen).action, np.float32)

    return take_up


def driver_of(checkpoint: Path) -> tuple[Callable[[ArmSpec], Callable[[Task, Observation], Actor]], str]:
    """Return a picklable opener of the driver, and its hash for the dataset's record. Raises CheckpointError."""
    read_header(checkpoint)
    return partial(open_driver, checkpoint), f"sha256:{file_sha256(checkpoint)}"
