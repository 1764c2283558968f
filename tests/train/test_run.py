"""A whole run in a folder: stopped anywhere it goes on to the same weights, and knows how long it took."""

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

from robot_wm.errors import RobotWMError
from robot_wm.files import locked
from robot_wm.train.config import Stage, TrainConfig
from robot_wm.train.metrics import Metrics
from robot_wm.train.run import train
from robot_wm.world_model.checkpoint import save
from robot_wm.world_model.wam.model import WAM
from tests.exchange.labelled import labelled_set
from tests.world_model.toy import TINY

STAGES = (
    Stage("see", steps=2, batch=4, learning_rate=1e-2, warmup=1),
    Stage("towers", steps=3, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
    Stage("joint", steps=2, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
    Stage("towers", steps=2, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
)
Figures = dict[tuple[int, int], float]  # the total loss by stage and step


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "set"
    labelled_set(path)
    return path


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def run(data: Path, out: Path, resume: bool = False, stop: tuple[int, int] | None = None) -> Figures:
    """The figures of a run, which is interrupted after `stop`, where given."""
    figures: Figures = {}

    def report(stage: int, step: int, found: Mapping[str, float]) -> None:
        figures[stage, step] = found["total"]
        if (stage, step) == stop:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        train(config(data), out, resume, report)
    return figures


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, dict[str, torch.Tensor]]:
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("whole") / "run"
    return run(data, out), load_file(out / "wam.safetensors")


@pytest.mark.parametrize("stop", [(0, 1), (1, 1), (1, 3), (2, 1), (3, 2)])
def test_a_stopped_run_goes_on_to_the_same_weights(
    data: Path, tmp_path: Path, whole: tuple[Figures, dict[str, torch.Tensor]], stop: tuple[int, int]
) -> None:
    figures, weights = whole
    first = run(data, tmp_path / "run", stop=stop)
    again = run(data, tmp_path / "run", resume=True)
    assert max(first) == stop and max(again) == (3, 2)
    assert first | again == figures
    resumed = load_file(tmp_path / "run/wam.safetensors")
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_towers_learn_on_latents_of_the_encoder_as_it_is(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", stop=(1, 1))
    early = (tmp_path / "run/latents.npy").read_bytes()
    run(data, tmp_path / "run", resume=True)
    assert (tmp_path / "run/latents.npy").read_bytes() != early


def test_the_time_of_all_parts_of_a_run_is_told(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", stop=(1, 3))
    lines = tmp_path / "run/metrics.jsonl"
    row = json.loads(lines.read_text().splitlines()[-1])
    lines.write_text(
        lines.read_text().replace(f'"spent_s": {row["spent_s"]}', '"spent_s": 7200.0') + '{"stage": 1, "st'
    )
    run(data, tmp_path / "run", resume=True)
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [each["stage"] for each in rows[-4:]] == [2, 2, 3, 3] and rows[-1]["spent_s"] > 7200.0
    with safe_open(tmp_path / "run/wam.safetensors", "np") as file:
        assert '"hours": 2.0' in json.dumps(file.metadata()).replace("\\", "")


def test_a_fresh_run_has_taken_no_time(tmp_path: Path) -> None:
    assert Metrics(tmp_path).spent_s < 60.0


def config(data: Path, **changes: Any) -> TrainConfig:
    values = {"bf16": False, "log_every": 1, "save_every": 2, "validation_share": 0.3} | changes
    return TrainConfig(str(data), STAGES, TINY, **values)


def begun(data: Path, out: Path, **changes: Any) -> None:
    """A run that was interrupted after its first step."""
    with suppress(KeyboardInterrupt):
        train(config(data, **changes), out, False, interrupt)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def refused(data: Path, out: Path, words: str, resume: bool = True, **changes: Any) -> None:
    with pytest.raises(RobotWMError, match=words):
        train(config(data, **changes), out, resume, interrupt)


def test_a_mistake_does_not_spoil_the_folder(data: Path, tmp_path: Path) -> None:
    refused(tmp_path / "none", tmp_path / "run", "no dataset at", resume=False)
    refused(data, tmp_path / "run", "no checkpoint at", resume=False, start=str(tmp_path / "none"))
    assert not (tmp_path / "run").exists()


def test_there_must_be_a_run_to_resume_and_none_to_begin(data: Path, tmp_path: Path) -> None:
    refused(data, tmp_path / "run", "holds no run to go on with; leave --resume out")
    begun(data, tmp_path / "run")
    refused(data, tmp_path / "run", "holds a run already; give --resume", resume=False)
    (tmp_path / "run/run.json").write_text('{"config')
    refused(data, tmp_path / "run", r"run\.json is damaged")


def test_only_the_same_run_is_resumed(data: Path, tmp_path: Path) -> None:
    start = tmp_path / "start.safetensors"
    for number, seed in enumerate((0, 1)):
        torch.manual_seed(seed)
        save(start, WAM(TINY).state_dict(), TINY, {})
        if number == 0:
            begun(data, tmp_path / "run", start=str(start))
        else:
            refused(data, tmp_path / "run", "the checkpoint to start from is not the one", start=str(start))
    refused(data, tmp_path / "run", "the configuration is not the one", seed=3)


def test_a_dataset_made_anew_is_noticed(tmp_path: Path) -> None:
    for logs in (3, 2):
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        (tmp_path / "a").mkdir()
        labelled_set(tmp_path / "a/set", logs)
        if logs == 3:
            begun(tmp_path / "a/set", tmp_path / "run")
    refused(tmp_path / "a/set", tmp_path / "run", "the dataset is not the one")


def test_a_run_is_one_processes(data: Path, tmp_path: Path) -> None:
    begun(data, tmp_path / "run")
    with locked(tmp_path / "run/lock"):
        refused(data, tmp_path / "run", "another process is training in")


def test_a_checkpoint_of_another_model_is_no_start(data: Path, tmp_path: Path) -> None:
    save(tmp_path / "other.safetensors", WAM(replace(TINY, chunk=8)).state_dict(), replace(TINY, chunk=8), {})
    refused(data, tmp_path / "run", "of another model", resume=False, start=str(tmp_path / "other.safetensors"))


def test_a_damaged_save_is_named(data: Path, tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt):
        train(config(data, save_every=1), tmp_path / "run", False, interrupt)
    (tmp_path / "run/stage0/progress.pt").write_bytes(b"PK")
    refused(data, tmp_path / "run", r"stage0/progress\.pt is damaged", save_every=1)
