"""The WAM in training: its resumes are exact, its towers see the encoder as it is, its settings are written out."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from robot_wm.config import from_values
from robot_wm.errors import ConfigError, RobotWMError, UnknownNameError
from robot_wm.train.run import train
from robot_wm.world_model.wam.checkpoint import save
from robot_wm.world_model.wam.learner import WAMLearner
from robot_wm.world_model.wam.loss_weights import LossWeights
from robot_wm.world_model.wam.model import WAM
from robot_wm.world_model.wam.stages import WAMStage, WAMTraining
from tests.conftest import TinyRun
from tests.world_model.toy import STAGES, TINY, tiny_training

pytestmark = pytest.mark.usefixtures("one_thread")
Stop = tuple[int, int]  # stage and step


def run(learner: WAMLearner, out: Path, resume: bool = False, stop: Stop | None = None) -> dict[Stop, float]:
    """Run, interrupted after `stop` where given; return the total losses."""
    totals: dict[Stop, float] = {}

    def on_log(stage: int, step: int, found: Mapping[str, float]) -> None:
        totals[stage, step] = found["total"]
        if (stage, step) == stop:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        train(learner, out, resume, on_log)
    return totals


def test_a_run_interrupted_time_and_again_ends_with_the_same_weights(
    tiny_run: TinyRun, tmp_path: Path, phrases: Tensor
) -> None:
    config = from_values(WAMTraining, tiny_run.config)
    stops: list[Stop | None] = [(0, 1), (1, 1), (1, 3), (2, 1), (3, 2), None]
    totals: dict[Stop, float] = {}
    latents = set()
    for number, stop in enumerate(stops):
        totals |= run(WAMLearner(config, phrases), tmp_path, resume=number > 0, stop=stop)
        if (tmp_path / "latents.npy").is_file():
            latents.add((tmp_path / "latents.npy").read_bytes())
    assert totals == {(int(row["stage"]), int(row["step"])): row["total"] for row in tiny_run.metrics}
    weights, resumed = (load_file(out / "wam.safetensors") for out in (tiny_run.out, tmp_path))
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)
    assert len(latents) == 2  # encoded again after the encoder had learned


def test_a_stage_on_latents_leaves_the_encoder_as_it_is(tiny_run: TinyRun, tmp_path: Path, phrases: Tensor) -> None:
    learner = WAMLearner(tiny_training(str(tiny_run.data), stages=STAGES[1:2]), phrases)
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}
    run(learner, tmp_path)
    changed = {name for name, value in learner.model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed and not any(name.startswith(("encoder.", "decoder.")) for name in changed)


@pytest.mark.gpu
def test_a_gpu_trains_every_stage(tiny_run: TinyRun, tmp_path: Path, phrases: Tensor) -> None:
    name = WAMStage(kind="name", steps=2, batch=4, learning_rate=1e-3)
    learner = WAMLearner(tiny_training(str(tiny_run.data), stages=(*STAGES, name), bf16=True), phrases)
    path = train(learner, tmp_path, False, lambda stage, step, found: None, device=torch.device("cuda"))
    assert path is not None and learner.model.phrases.is_cuda


def test_a_checkpoint_records_its_training(tiny_run: TinyRun) -> None:
    with safe_open(tiny_run.out / "wam.safetensors", "np") as file:
        record = json.loads(file.metadata()["run"])
    assert list(record) == ["data", "frames", "without", "seed", "hours", "machine", "torch"]
    assert record["data"] == str(tiny_run.data) and record["frames"] == 36 and record["without"] == []


def test_loss_weights_are_written_out_and_can_be_set(tiny_run: TinyRun) -> None:
    assert tiny_run.config["loss_weights"]["decoder"] == 4.0
    values = tiny_run.config | {"loss_weights": {"decoder": 1}}
    assert from_values(WAMTraining, values).loss_weights == LossWeights(decoder=1.0)
    with pytest.raises(UnknownNameError, match="Did you mean 'decoder'"):
        from_values(WAMTraining, values | {"loss_weights": {"decodr": 1}})


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def refused(out: Path, words: str, phrases: Tensor, resume: bool = True, **changes: Any) -> None:
    with pytest.raises(RobotWMError, match=words):
        train(WAMLearner(tiny_training(**changes), phrases), out, resume, interrupt)


def test_a_wrong_input_leaves_no_run_directory(tiny_run: TinyRun, tmp_path: Path, phrases: Tensor) -> None:
    refused(tmp_path / "run", "no dataset at", phrases, resume=False, data=str(tmp_path / "none"))
    start = str(tmp_path / "none")
    refused(tmp_path / "run", "no checkpoint at", phrases, resume=False, data=str(tiny_run.data), start=start)
    assert not (tmp_path / "run").exists()


def test_only_a_run_from_equal_weights_and_data_is_resumed(tiny_run: TinyRun, tmp_path: Path, phrases: Tensor) -> None:
    start, data = tmp_path / "start.safetensors", tmp_path / "set"
    shutil.copytree(tiny_run.data, data)
    config = tiny_training(str(data), start=str(start))
    for seed in (0, 1):
        torch.manual_seed(seed)
        save(start, WAM(TINY).state_dict(), TINY, {})
        if seed == 0:
            run(WAMLearner(config, phrases), tmp_path / "run", stop=(0, 1))
    refused(tmp_path / "run", "the start differs from the one recorded in", phrases, data=str(data), start=str(start))
    info = data / "meta/info.json"
    info.write_text(info.read_text() + "\n")
    refused(tmp_path / "run", "the dataset differs from the one", phrases, data=str(data), start=str(start))


def test_a_checkpoint_of_another_model_is_no_start(tiny_run: TinyRun, tmp_path: Path, phrases: Tensor) -> None:
    other, start = replace(TINY, chunk=8), tmp_path / "other.safetensors"
    save(start, WAM(other).state_dict(), other, {})
    words = "does not fit the configured model"
    refused(tmp_path / "run", words, phrases, resume=False, data=str(tiny_run.data), start=str(start))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "se"}, "unknown kind of training stage 'se'; known: joint, name, see, towers"),
        ({"kind": "joint"}, "needs blocks of 1 or more, received 0"),
        ({"kind": "see", "batch": 1}, "a batch of 2 or more"),
    ],
)
def test_a_stage_that_cannot_work_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RobotWMError, match=words):
        WAMStage(**({"steps": 1, "batch": 2, "learning_rate": 1e-3} | values))


def test_a_validation_share_outside_its_range_is_refused() -> None:
    with pytest.raises(ConfigError, match="validation_share must be in"):
        tiny_training("none", validation_share=1.0)
