from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.planning.mppi import MPPI, PlannerConfig
from robot_wm.planning.objective import Objective
from robot_wm.planning.recovery import Detour, DetourConfig
from robot_wm.world_model.protocol import Proposals, Rollout

CONFIG = DetourConfig(patience=8, ticks=3, samples=64, spread=(1.0, 1.0))
CHUNK = torch.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0])
def test_no_detour_is_due_while_the_goal_comes_nearer(slope: float) -> None:
    detour = Detour(CONFIG)
    assert not any(detour.due(100.0 - slope * tick) for tick in range(40))


@pytest.mark.parametrize("left", [lambda tick: 5.0, lambda tick: 16.0 + 2.0 * (tick % 2), lambda tick: 5.0 + tick])
def test_one_is_due_once_patience_is_over_where_it_does_not(left) -> None:
    detour = Detour(CONFIG)
    assert [detour.due(left(tick)) for tick in range(8)] == [False] * 7 + [True]


def test_nothing_is_due_where_nobody_knows_how_far_it_is_or_detours_are_off() -> None:
    for detour, left in ((Detour(CONFIG), float("nan")), (Detour(DetourConfig(patience=0)), 5.0)):
        assert not any(detour.due(left) for _ in range(30))


def test_a_detour_is_as_long_as_asked_and_patience_begins_anew_after_it() -> None:
    detour = Detour(CONFIG)
    detour.begin(CHUNK)
    firsts = []
    while detour.under_way:
        assert not detour.due(5.0)
        chunk = detour.go_on()
        assert chunk.shape == CHUNK.shape
        firsts.append(chunk[0])
    assert torch.equal(torch.stack(firsts), CHUNK[: CONFIG.ticks])
    assert [detour.due(5.0) for _ in range(8)] == [False] * 7 + [True]


@pytest.mark.parametrize(
    "wrong", [{"patience": -1}, {"patience": 1}, {"ticks": 0}, {"samples": 3}, {"spread": (0.0, 0.0)}]
)
def test_a_detour_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="detour patience must be"):
        DetourConfig(**wrong)  # pyright: ignore


class Wall:
    """A point that knows nothing of the wall between it and its goal; its action head goes straight on."""

    chunk, block = 6, 2

    def predict(self, z: Tensor, actions: Tensor) -> Rollout:
        moved = z[:, None] + 0.1 * actions.cumsum(1)[:, 1::2]
        return Rollout(moved, torch.zeros(moved.shape[:2]))

    def propose(self, z: Tensor, goal: Tensor) -> Proposals:
        way = (10.0 * (goal - z)).clamp(-1.0, 1.0)[:, None, None].expand(len(z), 1, self.chunk, 2)
        return Proposals(way, torch.full_like(way, 0.05), torch.ones(len(z), 1))

    def score(self, z: Tensor, goal: Tensor) -> Tensor:
        return 10.0 * (z - goal).norm(dim=-1)


def reaches(patience: int, seed: int) -> bool:
    """Whether the planner gets from the left of the wall, 0.4 high at x = 0.5, to the goal on its right."""
    config = PlannerConfig(
        samples=(32,),
        floor=(0.05, 0.05),
        objective=Objective(),
        detour=DetourConfig(patience=patience, ticks=5, spread=(0.6, 0.6)),
    )
    low, high, goal = torch.full((2,), -1.0), torch.full((2,), 1.0), torch.tensor([1.0, 0.0])
    planner, at = MPPI(Wall(), config, low, high, seed), torch.zeros(1, 2)  # type: ignore[arg-type]
    for _ in range(200):
        to = at + 0.1 * planner.plan(at, goal).actions[:1]
        crosses = (at[0, 0] < 0.5) != (to[0, 0] < 0.5) and to[0, 1].abs() < 0.2
        at = torch.stack([at[:, 0] if crosses else to[:, 0], to[:, 1]], dim=1)
        if (at[0] - goal).norm() < 0.1:
            return True
    return False


def test_a_planner_that_is_stuck_finds_a_way_out_and_without_detours_it_stays() -> None:
    assert not any(reaches(patience=0, seed=seed) for seed in range(3))
    assert np.mean([reaches(patience=10, seed=seed) for seed in range(3)]) >= 0.6


def test_a_detour_says_so_keeps_the_bounds_and_repeats_by_seed() -> None:
    config = PlannerConfig(samples=(32,), floor=(0.05, 0.05), detour=CONFIG)
    low, high = torch.full((2,), -1.0), torch.full((2,), 1.0)

    def stuck() -> list[Tensor]:
        planner = MPPI(Wall(), config, low, high, 3)  # type: ignore[arg-type]
        plans = [planner.plan(torch.zeros(1, 2), torch.tensor([1.0, 0.0])) for _ in range(12)]
        assert [plan.source == "detour" for plan in plans] == [False] * 7 + [True] * 3 + [False] * 2
        assert all(plan.left == 10.0 for plan in plans)
        return [plan.actions for plan in plans]

    first, again = stuck(), stuck()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(actions.abs().max() <= 1.0 for actions in first)
