import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.planning.mppi import MPPI, PlannerConfig
from robot_wm.planning.objective import Objective
from robot_wm.world_model.protocol import Proposals, Rollout

LOW, HIGH = torch.full((2,), -1.0), torch.full((2,), 1.0)
CONFIG = PlannerConfig(samples=(64, 32), floor=(0.1, 0.1), margin=0.0, objective=Objective(stray=0.01))


class Point:
    """A point that goes where it is told; its own proposals are `lazy`, its cost the distance to the goal."""

    chunk, block = 6, 2

    def __init__(self, lazy: float = 0.0, broken: bool = False) -> None:
        self._lazy, self._broken = lazy, broken

    def predict(self, z: Tensor, actions: Tensor) -> Rollout:
        moved = z[:, None] + 0.1 * actions.cumsum(1)[:, 1::2]
        return Rollout(moved, torch.zeros(moved.shape[:2]))

    def propose(self, z: Tensor, goal: Tensor) -> Proposals:
        mean = torch.full((len(z), 1, self.chunk, 2), self._lazy)
        return Proposals(mean, torch.full_like(mean, 0.3), torch.ones(len(z), 1))

    def score(self, z: Tensor, goal: Tensor) -> Tensor:
        distance = 10.0 * (z - goal).norm(dim=-1)
        return torch.full_like(distance, torch.nan) if self._broken else distance


def planner(model: Point, seed: int = 0) -> MPPI:
    return MPPI(model, CONFIG, LOW, HIGH, seed)  # type: ignore[arg-type]


def test_the_search_reaches_a_goal_that_the_action_head_does_not() -> None:
    search, z, goal = planner(Point()), torch.zeros(1, 2), torch.tensor([0.8, -0.5])
    for _ in range(15):
        plan = search.plan(z, goal)
        z = z + 0.1 * plan.actions[:1]
    assert (z[0] - goal).norm() < 0.1
    assert plan.costs.shape == (CONFIG.samples[-1],)
    assert plan.cost <= plan.prior_cost + 1e-6 or plan.source == "prior"


def test_the_same_seed_gives_the_same_plan_and_reset_starts_anew() -> None:
    goal = torch.tensor([0.8, -0.5])
    search = planner(Point())
    first = [search.plan(torch.zeros(1, 2), goal).actions for _ in range(3)]
    search.reset()
    again = [search.plan(torch.zeros(1, 2), goal).actions for _ in range(3)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(planner(Point(), 1).plan(torch.zeros(1, 2), goal).actions, first[0])


class Undecided(Point):
    """Its action head would go left or right, right a little less; the goal lies on the right."""

    def propose(self, z: Tensor, goal: Tensor) -> Proposals:
        ways = torch.tensor([-0.8, 0.8]).reshape(1, 2, 1, 1).expand(len(z), 2, self.chunk, 2)
        return Proposals(ways, torch.full_like(ways, 0.1), torch.tensor([[0.6, 0.4]]))


def test_of_two_ways_that_the_action_head_proposes_the_search_takes_the_one_that_leads_there() -> None:
    plan = planner(Undecided()).plan(torch.zeros(1, 2), torch.tensor([0.5, 0.5]))
    assert plan.source == "search"
    assert plan.actions.min() > 0.3
    assert Undecided().propose(torch.zeros(1, 2), torch.zeros(1, 2)).best.max() < 0.0


def test_actions_stay_in_their_bounds() -> None:
    plan = planner(Point(lazy=0.95)).plan(torch.zeros(1, 2), torch.tensor([50.0, 50.0]))
    assert plan.actions.max() <= 1.0 and plan.actions.min() >= -1.0


def test_costs_that_are_no_numbers_fall_back_to_the_action_head() -> None:
    plan = planner(Point(lazy=0.2, broken=True)).plan(torch.zeros(1, 2), torch.zeros(2))
    assert plan.source == "prior"
    assert np.allclose(plan.actions.numpy(), 0.2)


def test_where_the_search_finds_nothing_better_the_action_head_acts() -> None:
    plan = planner(Point()).plan(torch.zeros(1, 2), torch.zeros(2))
    assert plan.source == "prior"


class Counting(Point):
    """Notes how many chunks are imagined at once."""

    def __init__(self, lazy: float = 0.0) -> None:
        super().__init__(lazy)
        self.counts: list[int] = []

    def predict(self, z: Tensor, actions: Tensor) -> Rollout:
        self.counts.append(len(actions))
        return super().predict(z, actions)


def test_the_mean_is_imagined_only_where_a_candidate_beats_the_action_head() -> None:
    there, far = Counting(), Counting()
    planner(there).plan(torch.zeros(1, 2), torch.zeros(2))
    planner(far).plan(torch.zeros(1, 2), torch.tensor([0.8, -0.5]))
    assert there.counts == [64, 32]
    assert far.counts == [64, 32, 1]


def test_a_replay_does_as_many_iterations_as_it_is_told_and_all_where_a_detour_did_none() -> None:
    counts = []
    for iterations in (1, 2, 0):
        model = Counting()
        counts.append(planner(model).plan(torch.zeros(1, 2), torch.zeros(2), iterations).iterations)
    assert counts == [1, 2, 2]


def test_a_planner_without_samples_is_refused() -> None:
    with pytest.raises(ConfigError, match="samples must be 4 or more"):
        PlannerConfig(samples=(2,))
