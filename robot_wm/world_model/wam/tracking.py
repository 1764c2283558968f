"""What the model remembers of things that are hidden now: imagination corrected by what is seen.

A one-dimensional Kalman filter a thing: the dynamics tower says where it should be by now, the encoder where it is
seen and how well; each counts by its certainty.
"""

from collections import deque

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.world_model.protocol import WorldModel
from robot_wm.world_model.wam import latent

DRIFT = 0.04  # units (4 mm) that imagination may be off after a block


class Memory:
    """Fuses each tick's latent with what was imagined for it a block ago."""

    def __init__(self, model: WorldModel) -> None:
        self._model = model
        self._past: deque[tuple[Tensor, Tensor]] = deque(maxlen=model.block)  # (latent, scale) per tick
        self._actions: deque[Tensor] = deque(maxlen=model.block)

    def fuse(self, z: Float[Tensor, "1 z"]) -> Float[Tensor, "1 z"]:
        """The latent to act on, given the one just encoded."""
        robot, objects = latent.split(z)
        scale = objects[..., 4:5].clamp(-4.5, 2.0).exp()  # (1, K, 1) expected error of what is seen
        if len(self._past) == self._model.block and len(self._actions) == self._model.block:
            before, before_scale = self._past[0]
            expected = self._model.predict(before, torch.stack(list(self._actions), dim=1)).z[:, 0]
            position = latent.split(expected)[1][..., latent.POSITION]
            drift = (before_scale.square() + DRIFT**2).sqrt()
            trust = drift.square() / (drift.square() + scale.square())
            seen = objects[..., latent.POSITION]
            objects = objects.clone()
            objects[..., latent.POSITION] = position + trust * (seen - position)
            scale = (trust * scale.square()).sqrt()
        fused = latent.join(robot, objects)
        self._past.append((fused, scale))
        return fused

    def acted(self, action: Float[Tensor, " a"]) -> None:
        """Say what was done in this tick."""
        self._actions.append(action[None])
