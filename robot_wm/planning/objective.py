"""What a plan costs: ticks left to the goal along the imagined way, doubt, jerkiness, straying from the proposals."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.world_model.protocol import Rollout, WorldModel


@dataclass(frozen=True)
class Objective:
    """Weights of a plan's cost. Everything is in control ticks, so that weights can be compared."""

    last: float = 0.5  # share of the last imagined step; the rest is spread over all of them
    doubt: float = 0.5  # a unit of disagreement between the dynamics heads, in ticks
    rough: float = 0.3  # a full-range change of action from one tick to the next, in ticks
    stray: float = 1.0  # a standard deviation away from what the action head proposes, squared, in ticks
    unlikely: float = 0.3  # a factor of e by which a way is less probable than the action head's likeliest, in ticks

    def cost(
        self,
        model: WorldModel,
        rollout: Rollout,
        actions: Float[Tensor, "n t a"],
        goal: Float[Tensor, " g"],
        span: Float[Tensor, " a"],
    ) -> Float[Tensor, " n"]:
        """Cost of each candidate, but for where it strays to; `span` is the range of each action number."""
        n, h, _ = rollout.z.shape
        steps = model.score(rollout.z.flatten(0, 1), goal.expand(n * h, -1)).unflatten(0, (n, h))
        way = self.last * steps[:, -1] + (1.0 - self.last) * steps.mean(1)
        jumps = (actions.diff(dim=1) / span).square().sum(-1).mean(1)
        return way + self.doubt * rollout.disagreement.mean(1) + self.rough * jumps

    def strayed(
        self,
        actions: Float[Tensor, "n t a"],
        ways: Float[Tensor, "k t a"],
        spread: Float[Tensor, "k t a"],
        weight: Float[Tensor, " k"],
    ) -> Float[Tensor, "n k"]:
        """Cost of each candidate as one of each way of the action head.

        Staying near the proposals is what keeps the search from finding the cost's errors instead of the goal.
        """
        away = ((actions[:, None] - ways) / spread).square().mean((2, 3))
        return self.stray * away + self.unlikely * (weight.amax().log() - weight.clamp(min=1e-6).log())

    @staticmethod
    def finite(cost: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The cost with what is not finite made infinite, so that it is never chosen."""
        return torch.where(torch.isfinite(cost), cost, torch.full_like(cost, torch.inf))
