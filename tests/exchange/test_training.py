"""`robot-wm train --data` takes what was imported: from our logs with labels, and video without actions."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from robot_wm.exchange.importing import import_recordings
from robot_wm.exchange.mapping import DatasetMapping, PictureSource
from robot_wm.exchange.sources import mapped_source
from robot_wm.fake import fake_spec
from robot_wm.train.config import Stage, TrainConfig
from robot_wm.train.run import train
from robot_wm.world_model.wam.config import WAMConfig
from tests.exchange import foreign
from tests.exchange.labelled import labelled_set
from tests.world_model.toy import TINY

POSES = np.tile(np.array([0.2, 0.0, 0.5, *np.eye(3).ravel()], np.float32), 2)  # above, looking down
STAGES = (
    Stage("see", steps=1, batch=4, learning_rate=1e-3, warmup=1),
    Stage("joint", steps=2, batch=4, learning_rate=1e-3, blocks=1, warmup=1),
    Stage("towers", steps=1, batch=4, learning_rate=1e-3, blocks=1, warmup=1),
)
MODEL: WAMConfig = replace(TINY, overview_px=32, wrist_px=32)
PICTURES = {"overview": PictureSource("overview", 32), "wrist": PictureSource("wrist", 32)}


def trained(data: Path, out: Path, model: WAMConfig = MODEL) -> dict[str, float]:
    """The last figures of each stage of a tiny run."""
    config = TrainConfig(str(data), STAGES, model, bf16=False, log_every=1, save_every=10, validation_share=0.3)
    figures: dict[str, float] = {}
    path = train(config, out, False, lambda stage, step, found: figures.update(found))
    assert path.is_file()
    return figures


def test_logs_of_a_simulated_arm_train_everything(tmp_path: Path) -> None:
    labelled_set(tmp_path / "set")
    figures = trained(tmp_path / "set", tmp_path / "run")
    assert figures["act"] > 0 and figures["inverse"] > 0 and figures["position"] != 0
    assert all(np.isfinite(value) for value in figures.values())


def test_video_alone_trains_all_but_what_asks_for_more(tmp_path: Path) -> None:
    bare = DatasetMapping({"overview": PictureSource(foreign.CAMERA, 32), "wrist": PictureSource(None, 32)})
    source, form = mapped_source([foreign.version_3(tmp_path / "foreign", (60, 45, 45))], bare, fake_spec())
    import_recordings(source, form, tmp_path / "set", 0.05, {})
    figures = trained(tmp_path / "set", tmp_path / "run")
    assert figures["act"] == figures["inverse"] == figures["steps"] == 0.0
    assert figures["dynamics"] > 0 and figures["decoder"] > 0
    assert "position" not in figures and "presence" not in figures
    assert all(np.isfinite(value) for value in figures.values())
    with safe_open(tmp_path / "run/wam.safetensors", "np") as file:
        told = json.dumps(file.metadata())
    assert "action.expert" in told and "environment_state" in told


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
