"""Laws of the loop: what is logged, saved and averaged, and how it ends when a loss is not finite."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from robot_wm.errors import ConfigError
from robot_wm.train.config import Stage
from robot_wm.train.loop import NotFiniteError, learning_rate, train_stage
from robot_wm.train.progress import Progress
from robot_wm.train.rank import Rank
from tests.train.toy_learner import STAGES, ToyConfig, ToyLearner, toy_config


def begun(config: ToyConfig, stage: int = 0) -> tuple[ToyLearner, Progress]:
    learner = ToyLearner(config)
    learner.begin(stage, Path(), lambda what, total, done: None)
    return learner, Progress.fresh(learner.model, config.stages[stage], config)


def run(learner: ToyLearner, progress: Progress, out: Path, stage: int = 0) -> dict[int, Mapping[str, float]]:
    seen: dict[int, Mapping[str, float]] = {}
    train_stage(learner, STAGES[stage], progress, seen.__setitem__, out, torch.device("cpu"), Rank())
    return seen


def test_every_logged_step_has_the_losses_their_sum_and_the_gradient(tmp_path: Path) -> None:
    seen = run(*begun(toy_config(log_every=2)), tmp_path)
    assert list(seen) == [2, 4]
    assert all(
        set(each) == {"fit", "total", "gradient_norm"} and each["total"] == each["fit"] for each in seen.values()
    )


def test_a_stage_trains_what_its_learner_leaves_trainable(tmp_path: Path) -> None:
    learner, progress = begun(toy_config())
    run(learner, progress, tmp_path)
    assert learner.model.slope > 0 and learner.model.offset == 0
    assert learner.model.unused == 1  # without a gradient there is no weight decay


def test_the_average_follows_the_weights(tmp_path: Path) -> None:
    learner, progress = begun(toy_config())
    run(learner, progress, tmp_path)
    assert 0 < progress.average["slope"] < learner.model.slope
    now = learner.model.slope.clone()
    with progress.averaged():
        assert learner.model.slope == progress.average["slope"]
    assert learner.model.slope == now


def test_a_loss_that_is_not_finite_stops_the_run_and_saves_the_batch(tmp_path: Path) -> None:
    learner, progress = begun(toy_config(broken_batch=1))
    with pytest.raises(NotFiniteError, match=r"not finite \(fit nan\); the batch is saved in"):
        run(learner, progress, tmp_path)
    assert torch.load(tmp_path / "not_finite_batch.pt", weights_only=True)["y"].isnan().all()
    assert progress.step == 1 and learner.model.slope.isfinite()


def test_the_learning_rate_rises_then_falls_to_a_fiftieth() -> None:
    stage = Stage(kind="any", steps=6, batch=4, learning_rate=1e-3, warmup=2)
    rates = [learning_rate(step, stage) for step in range(stage.steps + 1)]
    assert rates[0] < rates[1] == stage.learning_rate
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] == pytest.approx(stage.learning_rate / 50)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"stages": ()}, "one stage or more"), ({"log_every": 0}, "log_every"), ({"ema": 1.0}, "ema must be in")],
)
def test_a_configuration_that_cannot_work_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        toy_config(**changes)
