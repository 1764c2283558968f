"""Models of other families than the WAM pass the contract, and plan."""

import torch

from robot_wm.goals import Task
from robot_wm.planning import MPPI, PlannerConfig, RecoveryConfig
from robot_wm.world_model import State
from tests.contracts.world_model_contract import ModelRig, WorldModelContract
from tests.world_model.points import HOME, GlideModel, PointModel, seen_at

OBSERVATIONS = (seen_at(0.0, 0.0), seen_at(0.1, 0.0))


class TestPointModel(WorldModelContract):
    def rig(self) -> ModelRig:
        return ModelRig(PointModel(), OBSERVATIONS, Task("home"))


class TestGlideModel(WorldModelContract):
    def rig(self) -> ModelRig:
        return ModelRig(GlideModel(), OBSERVATIONS, Task("home"))


def test_a_speed_that_is_never_seen_is_inferred_from_the_state() -> None:
    model, push = GlideModel(), torch.tensor([1.0, 0.0])
    state: State = model.observe(model.initial_state(), seen_at(0.0, 0.0), None)
    state = model.observe(state, seen_at(0.3, 0.0), push)  # further than the push alone explains
    assert model.imagine(state, torch.zeros(1, 2, 2)).latents[0, 0, 0] > 0.3


def test_a_recurrent_model_without_an_action_head_reaches_its_goal_by_the_same_search() -> None:
    model, goal, hold = GlideModel(), torch.tensor(HOME), torch.zeros(2)
    config = PlannerConfig(
        samples=(128, 64, 64), min_spread=(0.05, 0.05), margin=0.0, recovery=RecoveryConfig(spread=(0.6, 0.6))
    )
    search = MPPI(model, config)
    at, speed = torch.zeros(2), torch.zeros(2)
    state, action, sources = model.initial_state(), None, set[str]()
    for _ in range(30):
        state = model.observe(state, seen_at(*at.tolist()), action)
        plan = search.plan(state, goal, hold, iterations=3)
        action = plan.actions[0]
        sources.add(plan.source)
        speed = model.friction * speed + model.push * action
        at = at + speed
    assert (at - goal).norm() < 0.1
    assert "search" in sources and "prior" not in sources
