"""The interface of world models of all families: explicit state in, imagined latents out.

All models implement `WorldModel`. `Proposes`, `Scores`, `Decodes` and `Locates` are optional capabilities, declared by
inheritance; callers test with `isinstance` and refuse requests that need a missing one. Models are stateless: the
caller carries the `State` and passes it back in. Knows no family, no planner and no simulator.

b is the batch size, n the number of candidates, d the size of the latent, a of an action, g of a goal point; t counts
control ticks, h = t / block steps of imagination, k named objects.
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
    """A model's belief about the world. Families subclass it; callers read only `latent`."""

    latent: Float[Tensor, "b d"]


@dataclass(frozen=True)
class Rollout:
    """Imagined outcomes of n action sequences."""

    latents: Float[Tensor, "n h d"]  # at the end of each block of ticks
    disagreement: Float[Tensor, "n h"]  # between the model's heads; 0 for a single head


@dataclass(frozen=True)
class Proposals:
    """Action chunks proposed by a model: a mixture of k modes with spreads and probabilities."""

    chunks: Float[Tensor, "n k t a"]  # mean of each mode
    scales: Float[Tensor, "n k t a"]
    weights: Float[Tensor, "n k"]  # sum to 1

    @property
    def best(self) -> Float[Tensor, "n t a"]:
        """The most probable chunks."""
        return self.chunks[torch.arange(len(self.chunks)), self.weights.argmax(-1)]


@dataclass(frozen=True)
class Scene:
    """Detections in one observation, for every name that the model knows."""

    names: tuple[str, ...]  # k
    presence: NDArray[np.float64]  # (k,) probability that the object is present
    position_m: NDArray[np.float64]  # (k, 3) in the base frame
    scale_m: NDArray[np.float64]  # (k,) expected absolute error of the position

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability that each named object is present."""
        return {name: float(p) for name, p in zip(self.names, self.presence, strict=True)}

    @property
    def likely(self) -> tuple[str, ...]:
        """Names with a probability above 0.5, most probable first."""
        seen = {name: p for name, p in self.probabilities.items() if p > 0.5}
        return tuple(sorted(seen, key=lambda name: -seen[name]))


@dataclass(frozen=True)
class Places:
    """Positions of the followed objects and the tool in each of n latents."""

    names: tuple[str, ...]  # k, the same in all latents
    position_m: NDArray[np.float64]  # (n, k, 3) in the base frame
    scale_m: NDArray[np.float64]  # (n, k) expected absolute error of the position
    tool_m: NDArray[np.float64]  # (n, 3)


class WorldModel(ABC):
    """Predicts the outcome of actions. Every implementation passes `tests/contracts/world_model_contract.py`."""

    chunk: int  # control ticks in an action chunk, a multiple of `block`
    block: int  # control ticks in one step of imagination

    @property
    @abstractmethod
    def actions(self) -> ActionBounds:
        """Return the action space that the model was trained on."""

    @abstractmethod
    def initial_state(self) -> State:
        """Return the state before the first observation, a batch of one."""

    @abstractmethod
    def observe(self, state: State, observation: Observation, action: Float[Tensor, " a"] | None) -> State:
        """Update the state with an observation.

        Args:
            state: The previous state, a batch of one.
            observation: The current observation.
            action: The planner's action since `state`; None if there was none or it is unknown.

        Raises:
            MissingDependencyError: A camera that the model needs is missing.
            ConfigError: A picture does not have the size that the model needs.
        """

    @abstractmethod
    def imagine(self, state: State, actions: Float[Tensor, "n t a"]) -> Rollout:
        """Imagine the outcome of action sequences, open loop.

        Args:
            state: A batch of n, or of one from which all n sequences start.
            actions: Actions in the action space's units; t is a multiple of `block`.
        """


class Proposes(ABC):
    """A model with an action head."""

    @abstractmethod
    def propose(self, latents: Float[Tensor, "n d"], goal: Float[Tensor, " g"]) -> Proposals:
        """Return the action chunks (t = `chunk`) that the action head proposes for a goal."""


class Scores(ABC):
    """A model that represents goals and estimates the time to reach them."""

    @abstractmethod
    def place_goal(self, state: State, task: Task) -> Goal:
        """Return the point in goal space of a task, given the current state.

        Raises:
            RefusedError: The model cannot pursue such a task.
        """

    def place_picture_goal(self, state: State, wanted: State) -> Goal:
        """Return the point in goal space of making the scene look like `wanted`, a state observed from a picture.

        Raises:
            RefusedError: The model does not support picture goals.
        """
        raise RefusedError(f"{type(self).__name__} does not support picture goals; give it a task")

    @abstractmethod
    def score(self, latents: Float[Tensor, "n d"], goal: Float[Tensor, " g"]) -> Float[Tensor, " n"]:
        """Return the expected number of control ticks to reach a goal: the planner's cost."""

    @abstractmethod
    def done_probability(self, steps: float) -> float:
        """Return the probability in [0, 1] that a goal is reached, given `steps` predicted control ticks left."""


class Decodes(ABC):
    """A model that decodes latents to pictures, for display; never used for control."""

    view: str  # name of the camera whose pictures are decoded

    @abstractmethod
    def decode(self, latents: Float[Tensor, "n d"]) -> NDArray[np.uint8]:
        """Return RGB pictures (n, h, w, 3), as the camera `view` would see them."""


class Locates(ABC):
    """A model that locates named objects, which grounding of language requires."""

    drift_m: float  # position error, m, that each step of imagination adds on average

    @abstractmethod
    def locate(self, observation: Observation) -> Scene:
        """Detect the objects in an observation."""

    @abstractmethod
    def follow(self, state: State, names: Sequence[str]) -> State:
        """Return a state that follows the named objects from its next observation on.

        Args:
            state: The current state.
            names: Names of objects, most important first; the model follows as many as it can.
        """

    @abstractmethod
    def places(self, latents: Float[Tensor, "n d"]) -> Places:
        """Return the positions of followed objects and tool. All latents must follow the same objects."""
