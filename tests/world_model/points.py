"""Tiny world models written by hand: a point with all capabilities, and one with inertia and a recurrent state.

Both live in the plane of the arm's first two joint angles, which stand for x and y.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.goals import Task
from robot_wm.types import ArmCommand, ArmState, Floats, Frame, Goal, Observation
from robot_wm.world_model import (
    Decodes,
    Locates,
    Places,
    Proposals,
    Proposes,
    Rollout,
    Scene,
    Scores,
    State,
    SuccessCalibration,
    WorldModel,
)

HOME = (0.8, -0.5)  # where every task of these models lies


@dataclass(frozen=True)
class Plane:
    """Two numbers in [-1, 1]."""

    names: tuple[str, ...] = ("x", "y")
    low: Floats = field(default_factory=lambda: np.full(2, -1.0))
    high: Floats = field(default_factory=lambda: np.full(2, 1.0))

    def hold(self, sent: ArmCommand) -> Floats:
        return np.zeros(2)


def seen_at(x: float, y: float) -> Observation:
    """What is observed with the point at x, y."""
    q_rad = np.array([x, y, 0.0, 0.0, 0.0])
    frames = {"overview": Frame(np.full((8, 8, 3), 100, np.uint8), 0.0)}
    return Observation(frames, ArmState(q_rad, np.zeros(5), None, 0.5, 0.0), ArmCommand(q_rad, 0.5, 0.0))


def _measured(observation: Observation) -> Tensor:
    return torch.tensor(observation.state.q_rad[:2], dtype=torch.float32)[None]


class _ScoresDistance(Scores):
    """Ten ticks for a unit of distance."""

    def place_goal(self, state: State, task: Task) -> Goal:
        return Goal(np.array(HOME, np.float32), "text", 1.0, task.words())

    def score(self, latents: Tensor, goal: Tensor) -> Tensor:
        return 10.0 * (latents[:, :2] - goal).norm(dim=-1)

    def done_probability(self, steps: float) -> float:
        return SuccessCalibration().probability(steps)


@dataclass(frozen=True)
class PointState(State):
    """The point's place, and what is followed."""

    names: tuple[str, ...] = ()


class PointModel(_ScoresDistance, WorldModel, Proposes, Decodes, Locates):
    """A point that moves by a tenth of each action; its action head always proposes `lazy`."""

    chunk, block, view, drift_m = 6, 2, "overview", 0.001
    names = ("red cube", "blue bin")

    def __init__(self, lazy: float = 0.0) -> None:
        self._lazy = lazy

    @property
    def actions(self) -> Plane:
        return Plane()

    def initial_state(self) -> PointState:
        return PointState(torch.zeros(1, 2))

    def observe(self, state: State, observation: Observation, action: Tensor | None) -> State:
        return replace(state, latent=_measured(observation))

    def imagine(self, state: State, actions: Tensor) -> Rollout:
        moved = state.latent[:, None] + 0.1 * actions.cumsum(1)[:, 1::2]
        return Rollout(moved, torch.zeros(moved.shape[:2]))

    def propose(self, latents: Tensor, goal: Tensor) -> Proposals:
        mean = torch.full((len(latents), 1, self.chunk, 2), self._lazy)
        return Proposals(mean, torch.full_like(mean, 0.3), torch.ones(len(latents), 1))

    def decode(self, latents: Tensor) -> NDArray[np.uint8]:
        return np.zeros((len(latents), 8, 8, 3), np.uint8)

    def locate(self, observation: Observation) -> Scene:
        return Scene(self.names, np.array([0.9, 0.2]), np.zeros((2, 3)), np.full(2, 0.01))

    def follow(self, state: State, names: Sequence[str]) -> PointState:
        return PointState(state.latent, tuple(names))

    def places(self, latents: Tensor) -> Places:
        n, k = len(latents), len(self.names)
        return Places(self.names, np.zeros((n, k, 3)), np.full((n, k), 0.01), np.zeros((n, 3)))


class GlideState(State):
    """Place and speed (b, 4); the speed is never observed, but inferred from what went before."""


class GlideModel(_ScoresDistance, WorldModel):
    """A point with inertia, behind a linear recurrent state-space model; it proposes, paints and locates nothing.

    Each tick h' = A h + B a; an observation corrects the place wholly, and the speed by what the place was off.
    """

    chunk, block = 8, 2
    friction, push = 0.6, 0.06

    @property
    def actions(self) -> Plane:
        return Plane()

    def initial_state(self) -> GlideState:
        return GlideState(torch.zeros(1, 4))

    def observe(self, state: State, observation: Observation, action: Tensor | None) -> GlideState:
        measured = _measured(observation)
        if action is None:
            return GlideState(torch.cat([measured, torch.zeros(1, 2)], dim=-1))
        expected = self._step(state.latent, action[None])
        speed = expected[:, 2:] + (measured - expected[:, :2])
        return GlideState(torch.cat([measured, speed], dim=-1))

    def imagine(self, state: State, actions: Tensor) -> Rollout:
        h, rows = state.latent.expand(len(actions), -1), []
        for tick, action in enumerate(actions.unbind(1), 1):
            h = self._step(h, action)
            rows += [h] if tick % self.block == 0 else []
        latents = torch.stack(rows, dim=1)
        return Rollout(latents, torch.zeros(latents.shape[:2]))

    def _step(self, h: Tensor, action: Tensor) -> Tensor:
        speed = self.friction * h[:, 2:] + self.push * action
        return torch.cat([h[:, :2] + speed, speed], dim=-1)
