"""`robot-wm train --data` takes what was imported: from our logs with labels, and video without actions."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from torch import Tensor

from robot_wm.exchange.importing import import_recordings
from robot_wm.exchange.mapping import DatasetMapping, PictureSource
from robot_wm.exchange.sources import mapped_source
from robot_wm.fake import fake_spec
from robot_wm.train.run import train
from robot_wm.world_model.wam.learner import WAMLearner
from robot_wm.world_model.wam.stages import WAMStage
from tests.conftest import TinyRun
from tests.exchange import foreign
from tests.world_model.toy import tiny_training

STAGES = (
    WAMStage(kind="see", steps=1, batch=4, learning_rate=1e-3, warmup=1),
    WAMStage(kind="joint", steps=2, batch=4, learning_rate=1e-3, blocks=1, warmup=1),
    WAMStage(kind="towers", steps=1, batch=4, learning_rate=1e-3, blocks=1, warmup=1),
)


def test_logs_of_a_simulated_arm_train_everything(tiny_run: TinyRun) -> None:
    figures = {name: value for row in tiny_run.metrics for name, value in row.items()}
    assert figures["act"] > 0 and figures["inverse"] > 0 and figures["position"] != 0
    assert all(np.isfinite(value) for value in figures.values())


@pytest.mark.usefixtures("one_thread")
def test_video_alone_trains_all_but_what_needs_more(tmp_path: Path, phrases: Tensor) -> None:
    bare = DatasetMapping({"overview": PictureSource(foreign.CAMERA, 32), "wrist": PictureSource(None, 32)})
    source, form = mapped_source([foreign.version_3(tmp_path / "foreign", (60, 45, 45))], bare, fake_spec())
    import_recordings(source, form, tmp_path / "set", 0.05, {})
    config = tiny_training(str(tmp_path / "set"), stages=STAGES, save_every=10)
    figures: dict[str, float] = {}
    train(WAMLearner(config, phrases), tmp_path / "run", False, lambda stage, step, found: figures.update(found))
    assert figures["act"] == figures["inverse"] == figures["steps"] == 0.0
    assert figures["dynamics"] > 0 and figures["decoder"] > 0
    assert "position" not in figures and "presence" not in figures
    assert all(np.isfinite(value) for value in figures.values())
    with safe_open(tmp_path / "run/wam.safetensors", "np") as file:
        header = json.dumps(file.metadata())
    assert "action.expert" in header and "environment_state" in header
