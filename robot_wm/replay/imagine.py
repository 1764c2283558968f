"""Imagination against the sensors, tick by tick: what the model expected of each block of ticks, and what came.

A thing's error is counted in the standard deviations that the model itself claims: those of seeing it before and
after, and of a block of imagination. The surprise of a tick is that of the thing that surprised most.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.errors import LogError
from robot_wm.goals import NAMES
from robot_wm.log.entries import Entry, LogGoal, LogTick
from robot_wm.types import Observation
from robot_wm.world_model.protocol import WorldModel
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.tracking import DRIFT

SURPRISED = 3.0  # standard deviations
_VIEW, _WRIST = "overview", "wrist"


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
    number: int
    z: Tensor  # (1, d)
    action: NDArray[np.float32]  # (5,)
    picture: NDArray[np.uint8]


def surprises(entries: Iterable[Entry], model: WorldModel) -> list[Surprise]:
    """A row for each tick that has a whole block of ticks of the same goal before it."""
    found, recent, names = list[Surprise](), list[_Seen](), list[str]()
    number = 0
    for entry in entries:
        if isinstance(entry, LogGoal):
            recent = []
        elif isinstance(entry, LogTick):
            if entry.missing or not {_VIEW, _WRIST} <= set(entry.observation.frames):
                recent = []
            else:
                names = names if recent else _followed(model, entry.observation)
                seen = _see(model, entry, number, names)
                if len(recent) == model.block:
                    found.append(_surprise(model, recent, seen, names))
                recent = [*recent, seen][-model.block :]
            number += 1
    if not found:
        raise LogError(
            f"the log has no {model.block + 1} ticks in a row on which the model can look through both its cameras"
        )
    return found


def _followed(model: WorldModel, observation: Observation) -> list[str]:
    presence = model.look(observation).presence
    likely = sorted((row for row in range(len(NAMES)) if presence[row] > 0.5), key=lambda row: -presence[row])
    return [NAMES[row] for row in sorted(likely[: latent.SLOTS])]


def _see(model: WorldModel, tick: LogTick, number: int, names: list[str]) -> _Seen:
    z = model.encode([tick.observation], names)
    action = np.asarray(tick.decision.action, dtype=np.float32)
    if tick.held:
        action = np.array([0.0, 0.0, 0.0, 0.0, tick.observation.sent.gripper], dtype=np.float32)
    return _Seen(number, z, action, tick.observation.frames[_VIEW].rgb)


def _surprise(model: WorldModel, before: list[_Seen], now: _Seen, names: list[str]) -> Surprise:
    actions = torch.from_numpy(np.stack([each.action for each in before]))[None]  # (1, block, 5)
    imagined = model.predict(before[0].z, actions).z[:, 0]  # (1, d)
    sigmas, off_mm = _things(before[0].z, imagined, now.z)
    followed = len(names)
    most = int(sigmas[:followed].argmax()) if followed else -1
    return Surprise(
        number=now.number,
        sigmas=float(sigmas[most]) if followed else float("nan"),
        thing=names[most] if followed else "",
        thing_mm=float(off_mm[most]) if followed else float("nan"),
        tool_mm=_tool_mm(imagined, now.z),
        picture=_grey_levels(model.decode(imagined)[0], now.picture),
        painted=_grey_levels(model.decode(now.z)[0], now.picture),
    )


def _things(before: Tensor, imagined: Tensor, now: Tensor) -> tuple[Tensor, Tensor]:
    """Of each slot (K,): standard deviations off, and millimetres off."""
    was, wanted, came = (latent.split(z)[1][0] for z in (before, imagined, now))  # (K, o)
    variance = DRIFT**2 + _scale(was).square() + _scale(came).square()  # (K,)
    off = (wanted[:, latent.POSITION] - came[:, latent.POSITION]).norm(dim=-1)  # (K,) units
    return off / variance.sqrt(), 1e3 * latent.UNIT_M * off


def _scale(objects: Tensor) -> Tensor:
    """Expected error (K,) of where each thing is seen, in units."""
    return objects[:, 4].clamp(-4.5, 2.0).exp()


def _tool_mm(imagined: Tensor, now: Tensor) -> float:
    tools = [latent.split(z)[0][0, latent.TOOL] for z in (imagined, now)]
    return float(1e3 * latent.UNIT_M * (tools[0] - tools[1]).norm())


def _grey_levels(picture: NDArray[np.uint8], real: NDArray[np.uint8]) -> float:
    if picture.shape != real.shape:
        return float("nan")
    return float(np.abs(picture.astype(np.float64) - real).mean())
