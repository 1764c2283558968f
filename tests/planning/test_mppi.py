"""Laws of the search, over a point whose action head proposes one thing always."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.config import find_config, load_config
from robot_wm.errors import ConfigError, RefusedError
from robot_wm.planning import MPPI, Objective, Plan, PlannerConfig, PriorOnly, RecoveryConfig
from robot_wm.world_model import Proposals, Rollout, State, WorldModel
from tests.world_model.points import GlideModel, PointModel

OBJECTIVE = Objective(prior_deviation=0.01, mode_log_odds=0.3)
CONFIG = PlannerConfig(
    samples=(64, 32),
    min_spread=(0.1, 0.1),
    margin=0.0,
    objective=OBJECTIVE,
    recovery=RecoveryConfig(spread=(0.6, 0.6)),
)
START, STILL = State(torch.zeros(1, 2)), torch.zeros(2)


def planner(model: WorldModel, seed: int = 0) -> MPPI:
    return MPPI(model, CONFIG, seed)


def planned(model: WorldModel, goal: Tensor, seed: int = 0) -> Plan:
    return planner(model, seed).plan(START, goal, STILL)


def test_the_class_has_the_measured_defaults() -> None:
    assert PlannerConfig() == load_config(PlannerConfig, find_config("plan", "default"))


def test_the_search_reaches_a_goal_that_the_action_head_does_not() -> None:
    search, z, goal = planner(PointModel()), torch.zeros(1, 2), torch.tensor([0.8, -0.5])
    for _ in range(15):
        plan = search.plan(State(z), goal, STILL)
        z = z + 0.1 * plan.actions[:1]
    assert (z[0] - goal).norm() < 0.1
    assert plan.costs.shape == (CONFIG.samples[-1],)
    assert plan.cost <= plan.prior_cost + 1e-6 or plan.source == "prior"


def test_the_same_seed_gives_the_same_plans_and_reset_restarts_them() -> None:
    goal = torch.tensor([0.8, -0.5])
    search = planner(PointModel())
    first = [search.plan(START, goal, STILL).actions for _ in range(3)]
    search.reset()
    again = [search.plan(START, goal, STILL).actions for _ in range(3)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(planned(PointModel(), goal, seed=1).actions, first[0])


class Undecided(PointModel):
    """Its action head would go left or right, right a little less; the goal lies on the right."""

    def propose(self, latents: Tensor, goal: Tensor) -> Proposals:
        modes = torch.tensor([-0.8, 0.8]).reshape(1, 2, 1, 1).expand(len(latents), 2, self.chunk, 2)
        return Proposals(modes, torch.full_like(modes, 0.1), torch.tensor([[0.6, 0.4]]))


def test_of_two_modes_that_the_action_head_proposes_the_search_takes_the_one_that_leads_there() -> None:
    plan = planned(Undecided(), torch.tensor([0.5, 0.5]))
    assert plan.source == "search"
    assert plan.actions.min() > 0.3
    assert Undecided().propose(torch.zeros(1, 2), torch.zeros(1, 2)).best.max() < 0.0


def test_actions_stay_in_their_bounds() -> None:
    plan = planned(PointModel(lazy=0.95), torch.tensor([50.0, 50.0]))
    assert plan.actions.max() <= 1.0 and plan.actions.min() >= -1.0


class Broken(PointModel):
    """Its scores are no numbers."""

    def score(self, latents: Tensor, goal: Tensor) -> Tensor:
        return torch.full((len(latents),), torch.nan)


def test_costs_that_are_no_numbers_fall_back_to_the_action_head() -> None:
    plan = planned(Broken(lazy=0.2), torch.zeros(2))
    assert plan.source == "prior"
    assert np.allclose(plan.actions.numpy(), 0.2)


def test_where_the_search_finds_nothing_better_the_action_head_acts() -> None:
    plan = planned(PointModel(), torch.zeros(2))
    assert plan.source == "prior"


class Counting(PointModel):
    """Notes how many chunks are imagined at once."""

    def __init__(self, lazy: float = 0.0) -> None:
        super().__init__(lazy)
        self.counts: list[int] = []

    def imagine(self, state: State, actions: Tensor) -> Rollout:
        self.counts.append(len(actions))
        return super().imagine(state, actions)


def test_the_mean_is_imagined_only_where_a_candidate_beats_the_action_head() -> None:
    there, far = Counting(), Counting()
    planned(there, torch.zeros(2))
    planned(far, torch.tensor([0.8, -0.5]))
    assert there.counts == [64, 32]
    assert far.counts == [64, 32, 1]


def test_a_replay_does_as_many_iterations_as_asked_and_all_where_a_recovery_motion_did_none() -> None:
    counts = []
    for iterations in (1, 2, 0):
        counts.append(planner(PointModel()).plan(START, torch.zeros(2), STILL, iterations).iterations)
    assert counts == [1, 2, 2]


def test_a_planner_without_samples_is_refused() -> None:
    with pytest.raises(ConfigError, match="samples must be 4 or more"):
        PlannerConfig(samples=(2,))


def test_a_model_without_an_action_head_is_searched_about_holding_still() -> None:
    near = MPPI(GlideModel(), CONFIG).plan(State(torch.zeros(1, 4)), torch.zeros(2), STILL)
    far = MPPI(GlideModel(), CONFIG).plan(State(torch.zeros(1, 4)), torch.tensor([0.8, -0.5]), STILL)
    assert near.source == "hold" and torch.equal(near.actions, torch.zeros(8, 2))
    assert far.source == "search" and far.actions[0, 0] > 0.0 > far.actions[0, 1]


def test_a_model_that_lacks_what_a_search_needs_is_refused() -> None:
    with pytest.raises(RefusedError, match="GlideModel has no action head for goals"):
        PriorOnly(GlideModel())


def test_a_configuration_for_other_actions_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"min_spread has 5 values, but the model's actions have 2 components \(x, y\)"
    ):
        MPPI(PointModel(), replace(CONFIG, min_spread=(0.1,) * 5))
