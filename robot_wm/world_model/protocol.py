"""The seam to a world model: all that the search needs of one, whatever its family."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.goals import Task
from robot_wm.types import Goal, Observation


@dataclass(frozen=True)
class Scene:
    """What the model believes is on the table, over all names of `robot_wm.goals.NAMES`."""

    presence: NDArray[np.float64]  # (24,) probability of being there
    position_m: NDArray[np.float64]  # (24, 3) in the base frame
    scale_m: NDArray[np.float64]  # (24,) expected absolute error of the position


@dataclass(frozen=True)
class Rollout:
    """What a world model imagines. H is the number of blocks, d the size of the latent."""

    z: Float[Tensor, "n h d"]
    disagreement: Float[Tensor, "n h"]  # of the model's own heads, 0 where it has only one


@dataclass(frozen=True)
class Proposals:
    """What a model itself would do: k different ways, each with its spread and its probability."""

    chunks: Float[Tensor, "n k t a"]
    scales: Float[Tensor, "n k t a"]
    weights: Float[Tensor, "n k"]  # sum to 1

    @property
    def best(self) -> Float[Tensor, "n t a"]:
        """The most probable chunks."""
        return self.chunks[torch.arange(len(self.chunks)), self.weights.argmax(-1)]


@runtime_checkable
class WorldModel(Protocol):
    """Encode, imagine, propose and score. Every family of world model fits it; the planner needs nothing else."""

    chunk: int  # control ticks in an action chunk
    block: int  # control ticks in one step of the imagination

    def encode(self, observations: Sequence[Observation], names: Sequence[str] | None = None) -> Float[Tensor, "b d"]:
        """Latents of observations. `names` fixes which things the latent follows; None lets the model choose."""
        ...

    def look(self, observation: Observation) -> Scene:
        """What is on the table and where."""
        ...

    def predict(self, z: Float[Tensor, "n d"], actions: Float[Tensor, "n t a"]) -> Rollout:
        """Imagine `actions` open loop; t is a multiple of `block`, so h = t / block."""
        ...

    def decode(self, z: Float[Tensor, "n d"]) -> NDArray[np.uint8]:
        """Pictures (n, h, w, 3) of latents, for people to look at; never used for control."""
        ...

    def goal(self, z: Float[Tensor, "1 d"], task: Task) -> Goal:
        """The point in goal space that a task means from here."""
        ...

    def goal_from_picture(self, z: Float[Tensor, "1 d"], z_wanted: Float[Tensor, "1 d"]) -> Goal:
        """The point in goal space of "make it look like that"."""
        ...

    def propose(self, z: Float[Tensor, "n d"], goal: Float[Tensor, "n g"]) -> Proposals:
        """The action chunks (t = `chunk`) that the model itself would take."""
        ...

    def score(self, z: Float[Tensor, "n d"], goal: Float[Tensor, "n g"]) -> Float[Tensor, " n"]:
        """Control ticks left to the goal, expected; the planner's cost."""
        ...
