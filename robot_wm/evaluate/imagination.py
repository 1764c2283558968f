"""Open-loop accuracy of imagined pictures, given one observation and the actions.

Three mean absolute pixel errors (0 to 255) of the overview picture: of open-loop imagination; of decoding the observed
frame itself (the decoder's error, a lower bound); and of predicting a static scene.
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
    """Observations and actions, one per tick."""

    task: Task
    observations: Sequence[Observation]
    actions: NDArray[np.float32]  # (T, 5)


@dataclass(frozen=True)
class Window:
    """An imagined range and the real pictures. H counts blocks of the model."""

    start: int  # tick of the observation
    real: Pictures
    imagined: Pictures
    imagined_error: Curve
    seen_error: Curve
    still_error: Curve


def record(station: Station, seed: int, ticks: int) -> Recording:
    """Record the scripted expert for `ticks` ticks on a random task, continuing after the goal is reached."""
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
    """Observe tick `start`, imagine `horizon` ticks of the recorded actions, and compare with the real pictures.

    Raises:
        ConfigError: The horizon is not a multiple of the model's block.
        RefusedError: The model decodes no pictures.
    """
    if horizon < model.block or horizon % model.block:
        raise ConfigError(f"the horizon must be a multiple of {model.block} ticks, at least one; received {horizon}")
    if not isinstance(model, Decodes):
        raise RefusedError(f"{type(model).__name__} cannot decode pictures, so there is nothing to show")
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
    """Return a state without memory that follows the objects seen, if the model can locate any."""
    state = model.initial_state()
    return model.follow(state, model.locate(observation).likely) if isinstance(model, Locates) else state


def _error(pictures: NDArray[np.uint8], real: Pictures) -> Curve:
    return np.abs(pictures.astype(np.float64) - real).mean(axis=(1, 2, 3))
