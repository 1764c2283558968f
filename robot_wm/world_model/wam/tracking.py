"""The WAM's state and its memory of hidden objects: imagination corrected by observation.

A scalar Kalman filter per object (Kalman 1960): the dynamics tower predicts its position, the encoder measures it with
an uncertainty, and both are weighted by their certainty.
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
    """The fused latent of one tick and the uncertainty of its positions."""

    latent: Float[Tensor, "1 d"]
    scale: Float[Tensor, "1 k 1"]  # expected position error of each object, latent units


@dataclass(frozen=True)
class WAMState(State):
    """The WAM's belief: the fused latent, the names it follows, and the last block of estimates and actions."""

    names: tuple[str, ...] | None = None  # most important first; None until they are chosen
    past: tuple[Estimate, ...] = ()
    actions: tuple[Tensor, ...] = ()  # (a,) each, the action after each estimate but the last


def track(state: WAMState, seen: Float[Tensor, "1 d"], action: Tensor | None, block: int, predict: Predict) -> WAMState:
    """Return the state after `seen` was encoded from an observation.

    Args:
        state: The previous state; its memory is dropped if `action` is None, since it cannot be extrapolated.
        seen: The latent encoded from the observation alone.
        action: The action since `state`, (a,).
        block: Control ticks that `predict` predicts.
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
    """Return the expected absolute position error of each object token, in latent units."""
    return objects[..., 4].clamp(-4.5, 2.0).exp()
