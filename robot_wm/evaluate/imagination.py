"""Imagined beside real: from one look and the actions alone, how long does the imagined picture stay true?

Three mean absolute errors of the overview picture, in grey levels of 255: of what was imagined open loop; of what
the model paints of a frame that it sees (the painter's own error, a floor); and of holding that nothing moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from robot_wm.actions import CartesianActions
from robot_wm.control.judging import NOBODY, Unreachable
from robot_wm.control.loop import run_goal
from robot_wm.errors import ConfigError
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.language.instructions import random_task
from robot_wm.records import Tick
from robot_wm.station.station import Station, require_simulation
from robot_wm.types import Observation
from robot_wm.world_model.protocol import WorldModel

Pictures = NDArray[np.uint8]  # (H, h, w, 3)
Curve = NDArray[np.float64]  # (H,)
_VIEW = "overview"


@dataclass(frozen=True)
class Recording:
    """What was seen and done, one item a tick."""

    task: Task
    observations: Sequence[Observation]
    actions: NDArray[np.float32]  # (T, 5)


@dataclass(frozen=True)
class Window:
    """One stretch of imagination and what really came. H counts the model's blocks."""

    start: int  # tick at which the model looked
    real: Pictures
    imagined: Pictures
    imagined_error: Curve
    seen_error: Curve
    still_error: Curve


def record(station: Station, seed: int, ticks: int) -> Recording:
    """The oracle at work for `ticks` ticks on a task drawn by `seed`; what it does after it is done counts as well."""
    rng = np.random.default_rng([seed, 5])
    task = random_task(("push", "push_to", "place", "stack")[int(rng.integers(4))], rng)
    simulation = require_simulation(station, "imagine")
    simulation.reset(seed, task.names)
    seen: list[Tick] = []
    actions, expert = CartesianActions(Kinematics(station.arm.spec)), simulation.expert(task, seed)
    judge = Unreachable(NOBODY)
    run_goal(station.arm, station.cameras, station.clock, expert, actions, judge, ticks, seen.append)
    done = np.stack([tick.decision.action for tick in seen]).astype(np.float32)
    return Recording(task, [tick.observation for tick in seen], done)


def imagine(model: WorldModel, recording: Recording, start: int, horizon: int) -> Window:
    """Look at tick `start`, imagine `horizon` ticks of the recorded actions, compare. Raises ConfigError."""
    if horizon < model.block or horizon % model.block:
        raise ConfigError(f"the horizon must be a multiple of {model.block} ticks, at least one; received {horizon}")
    first, names = recording.observations[start], _names(model, recording.observations[start])
    z = model.encode([first], names)  # (1, d)
    actions = torch.from_numpy(recording.actions[start : start + horizon])[None]  # (1, T, 5)
    later = recording.observations[start + model.block : start + horizon + 1 : model.block]  # H of them
    real = np.stack([each.frames[_VIEW].rgb for each in later])
    imagined = model.decode(model.predict(z, actions).z[0])
    seen = model.decode(model.encode(later, names))
    still = np.broadcast_to(first.frames[_VIEW].rgb, real.shape)
    return Window(start, real, imagined, _error(imagined, real), _error(seen, real), _error(still, real))


def _names(model: WorldModel, observation: Observation) -> list[str]:
    """What the model sees on the table."""
    return [name for name, share in zip(NAMES, model.look(observation).presence, strict=True) if share > 0.5]


def _error(pictures: NDArray[np.uint8], real: Pictures) -> Curve:
    return np.abs(pictures.astype(np.float64) - real).mean(axis=(1, 2, 3))
