"""Imagined beside real: from one look and the actions alone, how long does the imagined picture stay true?

Three mean absolute errors of the overview picture, in grey levels of 255: of what was imagined open loop; of what
the model paints of a frame that it sees (the painter's own error, a floor); and of holding that nothing moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.control.judging import NOBODY, Unreachable
from robot_wm.errors import ConfigError, RefusedError
from robot_wm.goals import PLACE, PUSH, PUSH_TO, STACK, Task
from robot_wm.language.instructions import random_task
from robot_wm.records import Tick
from robot_wm.session.events import Event, TickEvent
from robot_wm.session.session import Session
from robot_wm.station.station import Station, require_simulation
from robot_wm.types import Observation
from robot_wm.world_model.protocol import Decodes, Locates, State, WorldModel

Pictures = NDArray[np.uint8]  # (H, h, w, 3)
Curve = NDArray[np.float64]  # (H,)


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
    """Record `ticks` ticks of the scripted expert on a task drawn by `seed`, those after it is done included."""
    rng = np.random.default_rng([seed, 5])
    task = random_task((PUSH, PUSH_TO, PLACE, STACK)[int(rng.integers(4))].name, rng)
    simulation = require_simulation(station, "imagine")
    simulation.reset(seed, task.names)
    seen: list[Tick] = []

    def on_event(event: Event) -> None:
        if isinstance(event, TickEvent):
            seen.append(event.tick)

    session = Session(station, ScriptedExpert(simulation, seed), [on_event])
    session.pursue(task, Unreachable(NOBODY), ticks)
    done = np.stack([tick.decision.action for tick in seen]).astype(np.float32)
    return Recording(task, [tick.observation for tick in seen], done)


def imagine(model: WorldModel, recording: Recording, start: int, horizon: int) -> Window:
    """Look at tick `start`, imagine `horizon` ticks of the recorded actions, compare.

    Raises:
        ConfigError: The horizon is no multiple of the model's block.
        RefusedError: The model decodes no pictures.
    """
    if horizon < model.block or horizon % model.block:
        raise ConfigError(f"the horizon must be a multiple of {model.block} ticks, at least one; received {horizon}")
    if not isinstance(model, Decodes):
        raise RefusedError(f"{type(model).__name__} decodes no pictures, so its imagination cannot be looked at")
    first = recording.observations[start]
    before = _following(model, first)
    state = model.observe(before, first, None)
    actions = torch.from_numpy(recording.actions[start : start + horizon])[None]  # (1, T, a)
    later = recording.observations[start + model.block : start + horizon + 1 : model.block]  # H of them
    real = np.stack([each.frames[model.view].rgb for each in later])
    imagined = model.decode(model.imagine(state, actions.to(state.latent)).latents[0])
    seen = model.decode(torch.cat([model.observe(before, each, None).latent for each in later]))
    still = np.broadcast_to(first.frames[model.view].rgb, real.shape)
    return Window(start, real, imagined, _error(imagined, real), _error(seen, real), _error(still, real))


def _following(model: WorldModel, observation: Observation) -> State:
    """A state without memory that follows what the model sees on the table, where it locates things."""
    state = model.initial_state()
    return model.follow(state, model.locate(observation).likely) if isinstance(model, Locates) else state


def _error(pictures: NDArray[np.uint8], real: Pictures) -> Curve:
    return np.abs(pictures.astype(np.float64) - real).mean(axis=(1, 2, 3))
