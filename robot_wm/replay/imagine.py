"""Imagination against the sensors, tick by tick: what the model expected of each block of ticks, and what came.

Each observation is encoded by itself, without memory. The error of a thing is counted in the standard deviations that
the model itself claims: those of seeing it before and after, and of a block of imagination. The surprise of a tick is
that of the thing that surprised most. Knows no family of models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray

from robot_wm.errors import LogError, MissingDependencyError, RefusedError
from robot_wm.log.entries import Entry, LogGoal, LogTick
from robot_wm.types import Observation
from robot_wm.world_model.protocol import Decodes, Locates, State, WorldModel

SURPRISED = 3.0  # standard deviations


@dataclass(frozen=True)
class Surprise:
    """One tick of the log and what was imagined for it a block of ticks before."""

    number: int  # of the tick in the file
    sigmas: float  # of the thing that surprised most; nan where nothing is followed
    thing: str  # which that was
    thing_mm: float  # how far it was from where it was imagined
    tool_mm: float
    picture: float  # mean error of the imagined picture, grey levels of 255
    painted: float  # of the picture painted from what was seen: the painter's own error


@dataclass(frozen=True)
class _Seen:
    number: int  # of the tick in the file
    state: State
    action: NDArray[np.float32]  # (a,)
    observation: Observation


def surprises(entries: Iterable[Entry], model: WorldModel) -> list[Surprise]:
    """Return a row for each tick that has a whole block of ticks of the same goal before it.

    Raises:
        RefusedError: The model locates nothing, so there is nothing to be surprised by.
        LogError: No block of ticks has all the pictures that the model needs.
    """
    if not isinstance(model, Locates):
        raise RefusedError(f"{type(model).__name__} locates no things; imagination is compared by where things are")
    observer = _Observer(model, model)
    found, recent, number = list[Surprise](), list[_Seen](), 0
    for entry in entries:
        if isinstance(entry, LogGoal):
            recent = []
        elif isinstance(entry, LogTick):
            seen = observer.see(entry, number, first=not recent)
            if seen is not None and len(recent) == model.block:
                found.append(observer.surprise(recent, seen))
            recent = [] if seen is None else [*recent, seen][-model.block :]
            number += 1
    if not found:
        raise LogError(
            f"the log has no {model.block + 1} ticks in a row on which the model can look through all its cameras"
        )
    return found


class _Observer:
    """Encodes ticks one by one, following what was there at the first of them."""

    def __init__(self, model: WorldModel, locates: Locates) -> None:
        self._model, self._locates = model, locates
        self._start = model.initial_state()

    def see(self, tick: LogTick, number: int, first: bool) -> _Seen | None:
        """Encode a tick; None where a picture that the model needs is missing."""
        if tick.missing:
            return None
        seen = tick.observation
        try:
            if first:
                names = self._locates.locate(seen).likely
                self._start = self._locates.follow(self._model.initial_state(), names)
            state = self._model.observe(self._start, seen, None)
        except MissingDependencyError:
            return None
        action = self._model.actions.hold(seen.sent) if tick.held else tick.decision.action
        return _Seen(number, state, np.asarray(action, dtype=np.float32), seen)

    def surprise(self, before: Sequence[_Seen], now: _Seen) -> Surprise:
        """Compare what a block of actions was imagined to lead to with what came."""
        actions = torch.from_numpy(np.stack([each.action for each in before]))[None]  # (1, block, a)
        start = before[0].state
        imagined = self._model.imagine(start, actions.to(start.latent)).latents[:, 0]  # (1, d)
        was, wanted, came = (self._locates.places(z) for z in (start.latent, imagined, now.state.latent))
        off_m = np.linalg.norm(wanted.position_m[0] - came.position_m[0], axis=-1)  # (k,)
        sigmas = off_m / np.sqrt(self._locates.drift_m**2 + was.scale_m[0] ** 2 + came.scale_m[0] ** 2)
        most = int(sigmas.argmax()) if len(sigmas) else None
        return Surprise(
            number=now.number,
            sigmas=nan if most is None else float(sigmas[most]),
            thing="" if most is None else came.names[most],
            thing_mm=nan if most is None else float(1e3 * off_m[most]),
            tool_mm=float(1e3 * np.linalg.norm(wanted.tool_m[0] - came.tool_m[0])),
            picture=self._grey_levels(imagined, now.observation),
            painted=self._grey_levels(now.state.latent, now.observation),
        )

    def _grey_levels(self, latent: torch.Tensor, seen: Observation) -> float:
        """Mean error of a painted picture; nan where the model paints none, or of another size."""
        if not isinstance(self._model, Decodes) or self._model.view not in seen.frames:
            return nan
        picture, real = self._model.decode(latent)[0], seen.frames[self._model.view].rgb
        return nan if picture.shape != real.shape else float(np.abs(picture.astype(np.float64) - real).mean())
