from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.planning import MPPI, Objective, PlannerConfig, RecoveryConfig
from robot_wm.planning.recovery import Recovery
from robot_wm.world_model import Proposals, State
from tests.world_model.points import PointModel

CONFIG = RecoveryConfig(patience=8, ticks=3, samples=64, spread=(1.0, 1.0))
CHUNK = torch.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0])
def test_no_recovery_is_due_while_the_goal_comes_nearer(slope: float) -> None:
    recovery = Recovery(CONFIG)
    assert not any(recovery.due(100.0 - slope * tick) for tick in range(40))


@pytest.mark.parametrize("left", [lambda tick: 5.0, lambda tick: 16.0 + 2.0 * (tick % 2), lambda tick: 5.0 + tick])
def test_one_is_due_once_patience_is_over_where_it_does_not(left) -> None:
    recovery = Recovery(CONFIG)
    assert [recovery.due(left(tick)) for tick in range(8)] == [False] * 7 + [True]


def test_nothing_is_due_where_the_distance_is_unknown_or_recovery_is_off() -> None:
    for recovery, left in ((Recovery(CONFIG), float("nan")), (Recovery(RecoveryConfig(patience=0)), 5.0)):
        assert not any(recovery.due(left) for _ in range(30))


def test_a_recovery_motion_is_as_long_as_asked_and_patience_restarts_after_it() -> None:
    recovery = Recovery(CONFIG)
    recovery.begin(CHUNK)
    firsts = []
    while recovery.under_way:
        assert not recovery.due(5.0)
        chunk = recovery.advance()
        assert chunk.shape == CHUNK.shape
        firsts.append(chunk[0])
    assert torch.equal(torch.stack(firsts), CHUNK[: CONFIG.ticks])
    assert [recovery.due(5.0) for _ in range(8)] == [False] * 7 + [True]


@pytest.mark.parametrize(
    "wrong", [{"patience": -1}, {"patience": 1}, {"ticks": 0}, {"samples": 3}, {"spread": (0.0, 0.0)}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="recovery patience must be"):
        RecoveryConfig(**wrong)  # pyright: ignore


class Wall(PointModel):
    """Knows nothing of the wall between it and its goal; its action head goes straight on."""

    def propose(self, latents: Tensor, goal: Tensor) -> Proposals:
        mode = (10.0 * (goal - latents)).clamp(-1.0, 1.0)[:, None, None].expand(len(latents), 1, self.chunk, 2)
        return Proposals(mode, torch.full_like(mode, 0.05), torch.ones(len(latents), 1))


def reaches(patience: int, seed: int) -> bool:
    """Whether the planner gets from the left of the wall, 0.4 high at x = 0.5, to the goal on its right."""
    config = PlannerConfig(
        samples=(32,),
        min_spread=(0.05, 0.05),
        objective=Objective(prior_deviation=1.0, mode_log_odds=0.3),
        recovery=RecoveryConfig(patience=patience, ticks=5, spread=(0.6, 0.6)),
    )
    goal, planner, at = torch.tensor([1.0, 0.0]), MPPI(Wall(), config, seed), torch.zeros(1, 2)
    for _ in range(200):
        to = at + 0.1 * planner.plan(State(at), goal, torch.zeros(2)).actions[:1]
        crosses = (at[0, 0] < 0.5) != (to[0, 0] < 0.5) and to[0, 1].abs() < 0.2
        at = torch.stack([at[:, 0] if crosses else to[:, 0], to[:, 1]], dim=1)
        if (at[0] - goal).norm() < 0.1:
            return True
    return False


def test_a_planner_that_is_stuck_finds_a_way_out_and_without_recovery_it_stays() -> None:
    assert not any(reaches(patience=0, seed=seed) for seed in range(3))
    assert np.mean([reaches(patience=10, seed=seed) for seed in range(3)]) >= 0.6


def test_a_recovery_motion_says_so_keeps_the_bounds_and_repeats_by_seed() -> None:
    config = PlannerConfig(samples=(32,), min_spread=(0.05, 0.05), recovery=CONFIG)

    def stuck() -> list[Tensor]:
        planner = MPPI(Wall(), config, 3)
        plans = [planner.plan(State(torch.zeros(1, 2)), torch.tensor([1.0, 0.0]), torch.zeros(2)) for _ in range(12)]
        assert [plan.source == "recovery" for plan in plans] == [False] * 7 + [True] * 3 + [False] * 2
        assert all(plan.steps_left == 10.0 for plan in plans)
        return [plan.actions for plan in plans]

    first, again = stuck(), stuck()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(actions.abs().max() <= 1.0 for actions in first)
