"""The seam that every world model fits, whatever its family: explicit state in, imagined latents out.

`WorldModel` is what all models do. `Proposes`, `Scores`, `Decodes` and `Locates` are capabilities that a model declares
by inheriting from them; callers test with `isinstance` and refuse, with that reason, what a model lacks. A model keeps
no state between calls: the caller carries the `State` and passes it back in. Knows no family, no planner and no
simulator.

b is the batch size, n the number of candidates, d the size of the latent, a of an action, g of a goal point; t counts
control ticks, h = t / block steps of imagination, k names of things.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.action_space import ActionBounds
from robot_wm.errors import RefusedError
from robot_wm.goals import Task
from robot_wm.types import Goal, Observation


@dataclass(frozen=True)
class State:
    """What a model knows of the world now. Families subclass it; callers read nothing but `latent`."""

    latent: Float[Tensor, "b d"]


@dataclass(frozen=True)
class Rollout:
    """What a world model imagines of n sequences of actions."""

    latents: Float[Tensor, "n h d"]  # at the end of each block of ticks
    disagreement: Float[Tensor, "n h"]  # between the model's own heads, 0 where it has only one


@dataclass(frozen=True)
class Proposals:
    """Action chunks a model itself would take: a mixture of k modes, each with its spread and its probability."""

    chunks: Float[Tensor, "n k t a"]  # mean of each mode
    scales: Float[Tensor, "n k t a"]
    weights: Float[Tensor, "n k"]  # sum to 1

    @property
    def best(self) -> Float[Tensor, "n t a"]:
        """The most probable chunks."""
        return self.chunks[torch.arange(len(self.chunks)), self.weights.argmax(-1)]


@dataclass(frozen=True)
class Scene:
    """What a model sees in one observation, for every name it knows, whether it is there or not."""

    names: tuple[str, ...]  # k
    presence: NDArray[np.float64]  # (k,) probability of being there
    position_m: NDArray[np.float64]  # (k, 3) in the base frame
    scale_m: NDArray[np.float64]  # (k,) expected absolute error of the position

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each name to be there."""
        return {name: float(p) for name, p in zip(self.names, self.presence, strict=True)}

    @property
    def likely(self) -> tuple[str, ...]:
        """The names that are more probable than not, the most probable first."""
        seen = {name: p for name, p in self.probabilities.items() if p > 0.5}
        return tuple(sorted(seen, key=lambda name: -seen[name]))


@dataclass(frozen=True)
class Places:
    """Where the followed things and the tool are in each of n latents."""

    names: tuple[str, ...]  # k, the same in all latents
    position_m: NDArray[np.float64]  # (n, k, 3) in the base frame
    scale_m: NDArray[np.float64]  # (n, k) expected absolute error of the position
    tool_m: NDArray[np.float64]  # (n, 3)


class WorldModel(ABC):
    """Predicts what actions lead to. Every implementation passes `tests/contracts/world_model_contract.py`."""

    chunk: int  # control ticks in an action chunk, a multiple of `block`
    block: int  # control ticks in one step of the imagination

    @property
    @abstractmethod
    def actions(self) -> ActionBounds:
        """The action space that the model was trained on."""

    @abstractmethod
    def initial_state(self) -> State:
        """Return the state before anything was observed, with a batch of one."""

    @abstractmethod
    def observe(self, state: State, observation: Observation, action: Float[Tensor, " a"] | None) -> State:
        """Return the state after an observation.

        Args:
            state: The last one, of a batch of one.
            observation: What is seen now.
            action: What was done since `state`, as the planner chose it; None where nothing was, or it is unknown.

        Raises:
            MissingDependencyError: A camera that the model needs is missing.
            ConfigError: A picture has another size than the model needs.
        """

    @abstractmethod
    def imagine(self, state: State, actions: Float[Tensor, "n t a"]) -> Rollout:
        """Imagine sequences of actions open loop.

        Args:
            state: Of a batch of n, or of one, which all n sequences then start from.
            actions: In the action space's units; t is a multiple of `block`.
        """


class Proposes(ABC):
    """A model with an action head."""

    @abstractmethod
    def propose(self, latents: Float[Tensor, "n d"], goal: Float[Tensor, " g"]) -> Proposals:
        """Return the action chunks (t = `chunk`) that the model itself would take to reach a goal."""


class Scores(ABC):
    """A model that knows what a goal is and how far it is."""

    @abstractmethod
    def place_goal(self, state: State, task: Task) -> Goal:
        """Return the point in goal space that a task means from here.

        Raises:
            RefusedError: The model cannot pursue such a task.
        """

    def place_picture_goal(self, state: State, wanted: State) -> Goal:
        """Return the point in goal space of "make it look like `wanted`", a state observed from a picture.

        Raises:
            RefusedError: The model takes no goals from pictures.
        """
        raise RefusedError(f"{type(self).__name__} takes no goals from pictures; give it a task")

    @abstractmethod
    def score(self, latents: Float[Tensor, "n d"], goal: Float[Tensor, " g"]) -> Float[Tensor, " n"]:
        """Return the expected control ticks left to a goal; the planner's cost."""

    @abstractmethod
    def done_probability(self, steps: float) -> float:
        """Return the probability, in [0, 1], that a goal is reached with `steps` control ticks believed to be left."""


class Decodes(ABC):
    """A model that paints what it imagines, for people to look at; never used for control."""

    view: str  # name of the camera whose pictures are painted

    @abstractmethod
    def decode(self, latents: Float[Tensor, "n d"]) -> NDArray[np.uint8]:
        """Return RGB pictures (n, h, w, 3), as the camera `view` would see them."""


class Locates(ABC):
    """A model that knows named things and where they are; language needs it."""

    drift_m: float  # expected error that each step of imagination adds to a position

    @abstractmethod
    def locate(self, observation: Observation) -> Scene:
        """Return what is on the table and where."""

    @abstractmethod
    def follow(self, state: State, names: Sequence[str]) -> State:
        """Return a state that follows these things from its next observation on, the most important first.

        A model follows as many of them as it can.
        """

    @abstractmethod
    def places(self, latents: Float[Tensor, "n d"]) -> Places:
        """Return where the followed things and the tool are. All latents must follow the same things."""
