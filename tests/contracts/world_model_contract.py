"""What every world model must do. An implementation's test inherits `WorldModelContract` and overrides `rig`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.goals import Task
from robot_wm.planning import MPPI, PlannerConfig, RecoveryConfig
from robot_wm.types import Observation
from robot_wm.world_model import Decodes, Locates, Proposes, Scores, State, WorldModel


@dataclass(frozen=True)
class ModelRig:
    """A model, two observations that differ, and a task that it can be given where it scores goals."""

    model: WorldModel
    observations: tuple[Observation, Observation]
    task: Task

    def state(self) -> State:
        """The state after two observations and an action."""
        first = self.model.observe(self.model.initial_state(), self.observations[0], None)
        return self.model.observe(first, self.observations[1], self.actions(1, 1)[0, 0])

    def actions(self, n: int, t: int, seed: int = 0) -> Tensor:
        """Random actions (n, t, a) within the bounds."""
        low, high = self.model.actions.low, self.model.actions.high
        drawn = np.random.default_rng(seed).uniform(low, high, (n, t, len(low)))
        return torch.tensor(drawn, dtype=torch.float32)

    def having(self, capability: type) -> Any:
        """The model, where it has a capability; the test is skipped where not."""
        if not isinstance(self.model, capability):
            pytest.skip(f"the model is none that {capability.__name__}")
        return self.model


class WorldModelContract:
    """The laws. Each test gets a fresh rig."""

    def rig(self) -> ModelRig:
        """The one method to override."""
        raise NotImplementedError

    def test_chunks_are_whole_blocks_and_actions_have_a_range(self) -> None:
        model = self.rig().model
        assert model.block >= 1 and model.chunk >= model.block and model.chunk % model.block == 0
        assert len(model.actions.names) == len(model.actions.low) == len(model.actions.high)
        assert (model.actions.low < model.actions.high).all()

    def test_states_have_one_finite_latent_each_of_one_size(self) -> None:
        rig = self.rig()
        sizes = {each.latent.shape for each in (rig.model.initial_state(), rig.state())}
        assert len(sizes) == 1 and next(iter(sizes))[0] == 1
        assert torch.isfinite(rig.state().latent).all()

    def test_holding_still_is_an_action_within_the_bounds(self) -> None:
        rig = self.rig()
        hold = rig.model.actions.hold(rig.observations[0].sent)
        assert (hold >= rig.model.actions.low).all() and (hold <= rig.model.actions.high).all()

    def test_nothing_is_remembered_but_in_the_state(self) -> None:
        rig = self.rig()
        model, (one, other) = rig.model, rig.observations
        state, action = rig.state(), rig.actions(1, 1)[0, 0]
        kept = state.latent.clone()
        first = model.observe(state, one, action)
        model.observe(model.initial_state(), other, None)
        model.imagine(first, rig.actions(3, model.chunk))
        assert torch.equal(model.observe(state, one, action).latent, first.latent)
        assert torch.equal(state.latent, kept)

    def test_imagination_has_a_latent_for_each_block(self) -> None:
        rig = self.rig()
        rollout = rig.model.imagine(rig.state(), rig.actions(3, rig.model.chunk))
        blocks = rig.model.chunk // rig.model.block
        assert rollout.latents.shape == (3, blocks, rig.state().latent.shape[1])
        assert rollout.disagreement.shape == (3, blocks)
        assert torch.isfinite(rollout.latents).all() and (rollout.disagreement >= 0.0).all()

    def test_candidates_are_imagined_independently_of_each_other(self) -> None:
        rig = self.rig()
        actions = rig.actions(3, rig.model.chunk)
        together = rig.model.imagine(rig.state(), actions).latents
        alone = torch.cat([rig.model.imagine(rig.state(), each[None]).latents for each in actions])
        assert torch.allclose(together, alone, atol=1e-5)

    def test_imagination_is_causal(self) -> None:
        rig = self.rig()
        block, actions = rig.model.block, rig.actions(2, 2 * rig.model.block)
        whole = rig.model.imagine(rig.state(), actions).latents
        assert torch.allclose(whole[:, :1], rig.model.imagine(rig.state(), actions[:, :block]).latents, atol=1e-5)

    def test_proposals_are_a_mixture_of_chunks(self) -> None:
        rig = self.rig()
        model, state = rig.having(Proposes), rig.state()
        goal = torch.tensor(rig.having(Scores).place_goal(state, rig.task).point)
        found = model.propose(state.latent, goal)
        assert found.chunks.shape == found.scales.shape
        assert found.chunks.shape[2:] == (model.chunk, len(model.actions.names))
        assert (found.scales > 0.0).all() and torch.allclose(found.weights.sum(-1), torch.ones(1))
        assert found.best.shape == found.chunks[:, 0].shape

    def test_a_goal_is_a_finite_point_and_each_latent_has_its_steps(self) -> None:
        rig = self.rig()
        model, state = rig.having(Scores), rig.state()
        goal = model.place_goal(state, rig.task)
        assert np.isfinite(goal.point).all() and goal.words
        latents = model.imagine(state, rig.actions(3, model.chunk)).latents[:, -1]
        assert model.score(latents, torch.tensor(goal.point)).shape == (3,)

    def test_the_nearer_the_goal_the_more_probable_is_success(self) -> None:
        model = self.rig().having(Scores)
        found = [model.done_probability(steps) for steps in (0.0, 5.0, 20.0, 1e6)]
        assert found == sorted(found, reverse=True)
        assert all(0.0 <= each <= 1.0 for each in found) and found[0] > 0.5 > found[-1]

    def test_latents_are_painted_as_pictures(self) -> None:
        rig = self.rig()
        pictures = rig.having(Decodes).decode(
            rig.model.imagine(rig.state(), rig.actions(1, rig.model.chunk)).latents[0]
        )
        assert pictures.dtype == np.uint8 and pictures.ndim == 4 and pictures.shape[-1] == 3
        assert rig.having(Decodes).view in rig.observations[0].frames

    def test_what_is_followed_has_a_place_now_and_in_imagination(self) -> None:
        rig = self.rig()
        model = rig.having(Locates)
        scene = model.locate(rig.observations[0])
        assert all(0.0 <= p <= 1.0 for p in scene.probabilities.values())
        state = model.observe(model.follow(model.initial_state(), scene.names[:2]), rig.observations[0], None)
        later = model.imagine(state, rig.actions(3, model.chunk)).latents[:, -1]
        for n, latents in ((1, state.latent), (3, later)):
            places = model.places(latents)
            assert set(places.names) == set(scene.names[:2])
            assert places.position_m.shape == (n, len(places.names), 3) and places.tool_m.shape == (n, 3)
            assert places.scale_m.shape == (n, len(places.names)) and (places.scale_m > 0.0).all()

    def test_the_search_plans_over_it_within_the_bounds_and_repeats_by_seed(self) -> None:
        rig = self.rig()
        model, state = rig.having(Scores), rig.state()
        size = len(model.actions.names)
        wide = RecoveryConfig(spread=(0.6,) * size)
        config = PlannerConfig(samples=(8, 8), min_spread=(0.01,) * size, recovery=wide, deadline_ms=1e9)
        goal = torch.tensor(model.place_goal(state, rig.task).point)
        hold = torch.tensor(model.actions.hold(rig.observations[1].sent), dtype=torch.float32)
        plans = [MPPI(model, config, seed=1).plan(state, goal, hold) for _ in range(2)]
        assert torch.equal(plans[0].actions, plans[1].actions)
        assert plans[0].actions.shape == (model.chunk, size)
        low, high = (torch.tensor(each, dtype=torch.float32) for each in (model.actions.low, model.actions.high))
        assert (plans[0].actions >= low).all() and (plans[0].actions <= high).all()
