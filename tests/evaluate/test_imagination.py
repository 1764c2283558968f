"""Imagination is compared at the right ticks: a model that knows the future is right, one that does not, is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from robot_wm.action_space import CartesianBounds
from robot_wm.cli.imagine_page import error_table, pages_of
from robot_wm.errors import ConfigError
from robot_wm.evaluate.imagination import Recording, imagine, record
from robot_wm.goals import NAMES, Task
from robot_wm.types import ArmCommand, ArmState, Frame, Observation
from robot_wm.world_model import Decodes, Locates, Places, Rollout, Scene, State, WorldModel
from tests.evaluate.fakes import CountingStation


@dataclass(frozen=True)
class Following(State):
    """The picture's brightness, and what is followed."""

    names: tuple[str, ...] = ()


class BrightnessModel(WorldModel, Decodes, Locates):
    """Its latent is the picture's brightness, which each action's first number raises by `gain`."""

    chunk, block, view, drift_m = 4, 2, "overview", 0.0

    def __init__(self, gain: float) -> None:
        self._gain = gain

    @property
    def actions(self) -> CartesianBounds:
        return CartesianBounds()

    def initial_state(self) -> Following:
        return Following(torch.zeros(1, 1))

    def locate(self, observation: Observation) -> Scene:
        presence = np.array([name == "red cube" for name in NAMES], dtype=float)
        return Scene(NAMES, presence, np.zeros((24, 3)), np.zeros(24))

    def follow(self, state: State, names: Sequence[str]) -> Following:
        return Following(state.latent, tuple(names))

    def places(self, latents: torch.Tensor) -> Places:
        raise NotImplementedError("imagination is compared by its pictures")

    def observe(self, state: State, observation: Observation, action: torch.Tensor | None) -> State:
        assert isinstance(state, Following) and state.names == ("red cube",)
        return replace(state, latent=torch.tensor([[float(observation.frames["overview"].rgb.mean())]]))

    def imagine(self, state: State, actions: torch.Tensor) -> Rollout:
        raised = self._gain * actions[..., 0].cumsum(1)[:, 1::2, None]
        return Rollout(state.latent[:, None] + raised, torch.zeros(raised.shape[:2]))

    def decode(self, latents: torch.Tensor) -> np.ndarray:
        return np.broadcast_to(latents.round().numpy().astype(np.uint8)[:, :, None, None], (len(latents), 8, 8, 3))


def recording(ticks: int = 13) -> Recording:
    """Each tick's picture is ten grey levels brighter."""
    state, sent = ArmState(np.zeros(5), np.zeros(5), None, 0.5, 0.0), ArmCommand(np.zeros(5), 0.5, 0.0)
    frames = [{"overview": Frame(np.full((8, 8, 3), 10 * tick, np.uint8), 0.1 * tick)} for tick in range(ticks)]
    actions = np.tile(np.array([1.0, 0, 0, 0, 0], np.float32), (ticks, 1))
    return Recording(Task("home"), [Observation(each, state, sent) for each in frames], actions)


def test_a_model_that_knows_the_future_is_right() -> None:
    window = imagine(BrightnessModel(gain=10.0), recording(), start=2, horizon=8)
    np.testing.assert_allclose(window.imagined_error, 0.0)
    np.testing.assert_allclose(window.seen_error, 0.0)
    np.testing.assert_allclose(window.still_error, [20.0, 40.0, 60.0, 80.0])


def test_a_model_that_imagines_nothing_errs_like_holding_still() -> None:
    window = imagine(BrightnessModel(gain=0.0), recording(), start=0, horizon=12)
    np.testing.assert_allclose(window.imagined_error, window.still_error)


def test_the_horizon_must_fit_the_models_blocks() -> None:
    with pytest.raises(ConfigError, match="a multiple of 2 ticks, at least one; received 5"):
        imagine(BrightnessModel(1.0), recording(), 0, 5)


def test_pages_and_table() -> None:
    windows = [imagine(BrightnessModel(8.0), recording(), start, 4) for start in (0, 4)]
    pages = list(pages_of(windows, "push it", 2))
    assert len(pages) == 2 * (1 + 4)
    assert {page.shape for page in pages} == {(612, 960, 3)}
    assert error_table(windows, 2).row_count == 2


def test_a_recording_has_one_of_each_a_tick() -> None:
    with CountingStation() as station:
        made = record(station, seed=3, ticks=7)
    assert len(made.observations) == len(made.actions) == 7
    assert made.actions.shape == (7, 5)
