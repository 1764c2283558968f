"""The interface of a search, and the plan that it returns."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import nan

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.errors import RefusedError
from robot_wm.types import PlanRecord
from robot_wm.world_model.protocol import Proposes, Scores, State, WorldModel


@dataclass(frozen=True)
class Plan:
    """The result of a search."""

    actions: Float[Tensor, "t a"]
    cost: float
    prior_cost: float  # cost of the candidate that needs no search
    source: str  # "search", "prior", "hold" or "recovery"
    iterations: int
    imagined: Float[Tensor, "h d"]  # latents along the chosen plan
    spread: float  # standard deviation of the candidates' costs
    costs: Float[Tensor, " n"]  # costs of the last iteration's candidates
    steps_left: float  # predicted ticks to the goal from the start of the plan

    def record(self) -> PlanRecord:
        """Return the plan without torch, for logs."""
        chunk, costs, imagined = (each.float().cpu().numpy() for each in (self.actions, self.costs, self.imagined))
        return PlanRecord(chunk, self.cost, self.prior_cost, costs, self.iterations, self.spread, imagined)


class Searcher(ABC):
    """Chooses actions for a goal, tick by tick."""

    @abstractmethod
    def reset(self) -> None:
        """Begin a goal: drop the last plan and restart the random draws, so that equal seeds give equal plans."""

    @abstractmethod
    def plan(
        self, state: State, goal: Float[Tensor, " g"], hold: Float[Tensor, " a"], iterations: int | None = None
    ) -> Plan:
        """Choose a chunk of actions.

        Args:
            state: Start state, a batch of one.
            goal: A point in the model's goal space.
            hold: The action that keeps the arm still.
            iterations: Exact number of iterations, regardless of time, for replays. None searches until the deadline;
                0, as recorded for a recovery motion, does all.
        """


class PriorOnly(Searcher):
    """The action head alone, without search: the baseline that planning must beat."""

    def __init__(self, model: WorldModel) -> None:
        """Raise RefusedError for a model without an action head or without goal scores."""
        if not isinstance(model, Proposes) or not isinstance(model, Scores):
            raise RefusedError(f"{type(model).__name__} has no action head for goals; use --policy planner")
        self._propose, self._score = model.propose, model.score

    def reset(self) -> None:
        """Do nothing: there is no state."""

    @torch.inference_mode()
    def plan(self, state: State, goal: Tensor, hold: Tensor, iterations: int | None = None) -> Plan:
        """Return the action head's most probable chunk."""
        chunk, left = self._propose(state.latent, goal).best[0], float(self._score(state.latent, goal)[0])
        return Plan(chunk, nan, nan, "prior", 0, state.latent.expand(1, -1), nan, torch.zeros(0), left)
