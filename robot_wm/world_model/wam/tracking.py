"""The WAM's state, and its memory of things that are hidden now: imagination corrected by what is seen.

A one-dimensional Kalman filter for each thing (Kalman 1960): the dynamics tower predicts where it is by now, the
encoder measures where it is seen and how well; each counts by its certainty.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.world_model.protocol import State
from robot_wm.world_model.wam import latent

DRIFT = 0.04  # latent units (4 mm): process noise of a position in one block of imagination

Predict = Callable[[Tensor, Tensor], Tensor]  # latent (1, d), a block of actions (1, t, a) -> next latent (1, d)


@dataclass(frozen=True)
class Estimate:
    """The fused latent of one tick, and how certain its positions are."""

    latent: Float[Tensor, "1 d"]
    scale: Float[Tensor, "1 k 1"]  # expected error of each thing's position, latent units


@dataclass(frozen=True)
class WAMState(State):
    """What the WAM knows now: the fused latent, the names it follows, and the last block of estimates and actions."""

    names: tuple[str, ...] | None = None  # most important first; None until they are chosen
    past: tuple[Estimate, ...] = ()
    actions: tuple[Tensor, ...] = ()  # (a,) each, what was done after each estimate but the last


def track(state: WAMState, seen: Float[Tensor, "1 d"], action: Tensor | None, block: int, predict: Predict) -> WAMState:
    """Return the state after `seen` was encoded from an observation.

    Args:
        state: The last one. Its memory is dropped where `action` is None, since nothing leads on from it then.
        seen: The latent as encoded from the observation alone.
        action: What was done since `state`, (a,).
        block: Control ticks that `predict` looks ahead.
        predict: Imagines one block of actions.
    """
    if action is None:
        state = replace(state, past=(), actions=())
    actions = (*state.actions, *([] if action is None else [action]))[-block:]
    robot, objects = latent.split(seen)
    scale = position_scale(objects).unsqueeze(-1)  # (1, K, 1)
    if len(state.past) == block and len(actions) == block:
        before = state.past[0]
        expected = predict(before.latent, torch.stack(actions)[None])
        position = latent.split(expected)[1][..., latent.POSITION]
        drift = (before.scale.square() + DRIFT**2).sqrt()
        trust = drift.square() / (drift.square() + scale.square())
        measured = objects[..., latent.POSITION]
        objects = objects.clone()
        objects[..., latent.POSITION] = position + trust * (measured - position)
        scale = (trust * scale.square()).sqrt()
    fused = latent.join(robot, objects)
    past = (*state.past, Estimate(fused, scale))[-block:]
    return replace(state, latent=fused, past=past, actions=actions)


def position_scale(objects: Float[Tensor, "*b o"]) -> Float[Tensor, "*b"]:
    """Return the expected absolute error of where each object token is seen, in latent units."""
    return objects[..., 4].clamp(-4.5, 2.0).exp()
