from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch import Tensor

from robot_wm.train.config import Stage, TrainConfig
from robot_wm.train.loop import NotFiniteError, Progress, begin, learning_rate, train_stage
from tests.world_model.toy import TINY, batch, tiny_wam

STAGE = Stage("joint", steps=6, batch=4, blocks=1, learning_rate=1e-3, warmup=2)
CONFIG = TrainConfig("none", (STAGE,), TINY, bf16=False, log_every=1, save_every=3)


def batches(step: int) -> Iterator[dict[str, Tensor]]:
    while True:
        yield batch(4, 1, seed=step)
        step += 1


def run(progress: Progress, out: Path, config: TrainConfig = CONFIG, stop: int = 99) -> list[float]:
    seen: list[float] = []

    def on_log(step: int, parts: dict[str, float]) -> None:  # type: ignore[type-arg]
        seen.append(parts["total"])
        if step == stop:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        train_stage(progress, STAGE, config, batches, on_log, out)  # type: ignore[arg-type]
    return seen


def test_a_resumed_run_has_the_losses_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = run(begin(tiny_wam(), STAGE, CONFIG), tmp_path)
    run(begin(tiny_wam(), STAGE, CONFIG), tmp_path, stop=4)  # saved at step 3
    again = begin(tiny_wam(seed=5), STAGE, CONFIG)
    again.load(tmp_path / "progress.pt")
    assert again.step == 3
    assert run(again, tmp_path) == whole[3:]


def test_a_loss_that_is_no_number_stops_the_run_and_saves_the_batch(tmp_path: Path) -> None:
    def broken(step: int) -> Iterator[dict[str, Tensor]]:
        while True:
            yield batch(4, 1) | {"state": torch.full((4, 4, 23), torch.nan)}

    progress = begin(tiny_wam(), STAGE, CONFIG)
    with pytest.raises(NotFiniteError, match="the batch is saved in"):
        train_stage(progress, STAGE, CONFIG, broken, lambda step, parts: None, tmp_path)
    saved = torch.load(tmp_path / "not_finite_batch.pt", weights_only=True)
    assert saved["state"].isnan().all()
    assert progress.step == 0


def test_a_stage_on_latents_leaves_the_encoder_as_it_is(tmp_path: Path) -> None:
    stage = Stage("towers", steps=2, batch=4, blocks=1, learning_rate=1e-2, warmup=1)
    model = tiny_wam()
    progress = begin(model, stage, CONFIG)
    _, z = model.eval().losses(batch(4, 1))
    before = {k: v.clone() for k, v in model.encoder.state_dict().items()}

    def cached(step: int) -> Iterator[dict[str, Tensor]]:
        while True:
            yield {k: v for k, v in batch(4, 1).items() if k not in ("overview", "wrist")} | {"z": z.detach()}

    train_stage(progress, stage, CONFIG, cached, lambda step, parts: None, tmp_path)
    assert all(torch.equal(v, before[k]) for k, v in model.encoder.state_dict().items())
    assert any(not torch.equal(v, progress.average[k]) for k, v in model.state_dict().items())


def test_the_learning_rate_rises_then_falls_to_a_fiftieth() -> None:
    rates = [learning_rate(step, STAGE) for step in range(STAGE.steps + 1)]
    assert rates[0] < rates[1] == STAGE.learning_rate
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] == pytest.approx(STAGE.learning_rate / 50)
