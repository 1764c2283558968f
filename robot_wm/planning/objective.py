"""Cost of a plan: ticks left to the goal, disagreement, smoothness, deviation from the action head.

Knows no search: candidates are drawn and imagined elsewhere.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.world_model.protocol import Rollout, Scores


@dataclass(frozen=True)
class Objective:
    """Weights of a plan's cost; all terms are in control ticks."""

    terminal: float = 0.5  # share of the last imagined step; the rest is the mean over all steps
    disagreement: float = 0.5  # ticks per unit of disagreement between the dynamics heads
    smoothness: float = 0.3  # ticks per squared full-range change of action between ticks
    prior_deviation: float = 3.0  # ticks per squared standard deviation from the action head's proposal
    mode_log_odds: float = 2.0  # ticks per factor of e by which a mode is less probable than the most probable one

    def cost(
        self,
        model: Scores,
        rollout: Rollout,
        actions: Float[Tensor, "n t a"],
        goal: Float[Tensor, " g"],
        span: Float[Tensor, " a"],
    ) -> Float[Tensor, " n"]:
        """Return the cost of each candidate without `prior_cost`; `span` is the range of each action component."""
        n, h, _ = rollout.latents.shape
        steps = model.score(rollout.latents.flatten(0, 1), goal).unflatten(0, (n, h))
        along = self.terminal * steps[:, -1] + (1.0 - self.terminal) * steps.mean(1)
        jumps = (actions.diff(dim=1) / span).square().sum(-1).mean(1)
        return along + self.disagreement * rollout.disagreement.mean(1) + self.smoothness * jumps

    def prior_cost(
        self,
        actions: Float[Tensor, "n t a"],
        modes: Float[Tensor, "k t a"],
        scales: Float[Tensor, "k t a"],
        weights: Float[Tensor, " k"],
    ) -> Float[Tensor, "n k"]:
        """Return the cost of each candidate's deviation from each mode of the action head.

        Staying near the proposals keeps the search from exploiting errors of the cost.
        """
        deviation = ((actions[:, None] - modes) / scales).square().mean((2, 3))
        log_odds = weights.amax().log() - weights.clamp(min=1e-6).log()
        return self.prior_deviation * deviation + self.mode_log_odds * log_odds

    @staticmethod
    def finite(cost: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """Replace costs that are not finite by infinity, so that they are never chosen."""
        return torch.where(torch.isfinite(cost), cost, torch.full_like(cost, torch.inf))
