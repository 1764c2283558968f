"""What a search returns, and what every search offers to the agent that runs it."""

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
    """What a search chose."""

    actions: Float[Tensor, "t a"]
    cost: float
    prior_cost: float  # of the candidate that needs no search
    source: str  # "search", "prior", "hold" or "recovery"
    iterations: int
    imagined: Float[Tensor, "h d"]  # latents along the chosen plan
    spread: float  # standard deviation of the candidates' costs: is there anything to choose?
    costs: Float[Tensor, " n"]  # of the last iteration's candidates
    steps_left: float  # ticks to the goal from where the plan begins, as the model believes

    def record(self) -> PlanRecord:
        """Return the plan without torch, for logs."""
        chunk, costs, imagined = (each.float().cpu().numpy() for each in (self.actions, self.costs, self.imagined))
        return PlanRecord(chunk, self.cost, self.prior_cost, costs, self.iterations, self.spread, imagined)


class Searcher(ABC):
    """Chooses actions for one tick after the other of a goal."""

    @abstractmethod
    def reset(self) -> None:
        """Begin a goal: forget the last plan and restart the random draws, so that the same seed plans the same."""

    @abstractmethod
    def plan(
        self, state: State, goal: Float[Tensor, " g"], hold: Float[Tensor, " a"], iterations: int | None = None
    ) -> Plan:
        """Choose a chunk of actions.

        Args:
            state: Where to start from, of a batch of one.
            goal: A point in the model's goal space.
            hold: The action that keeps the arm where it is.
            iterations: Do exactly as many, whatever the time; a replay does as many as were done then. None leaves
                it to the deadline; 0, as recorded for a recovery motion, does all.
        """


class PriorOnly(Searcher):
    """The action head alone, without search: the baseline that planning must beat."""

    def __init__(self, model: WorldModel) -> None:
        """Raise RefusedError for a model that proposes no actions, or does not score goals."""
        if not isinstance(model, Proposes) or not isinstance(model, Scores):
            raise RefusedError(f"{type(model).__name__} has no action head for goals; take --policy planner")
        self._propose, self._score = model.propose, model.score

    def reset(self) -> None:
        """Nothing is remembered."""

    @torch.inference_mode()
    def plan(self, state: State, goal: Tensor, hold: Tensor, iterations: int | None = None) -> Plan:
        """Return the action head's most probable chunk."""
        chunk, left = self._propose(state.latent, goal).best[0], float(self._score(state.latent, goal)[0])
        return Plan(chunk, nan, nan, "prior", 0, state.latent.expand(1, -1), nan, torch.zeros(0), left)
