"""A tiny WAM for the SO-101 and a made-up batch for it: right shapes, random values, nothing to be generalised."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import sim
from robot_wm.arm_description import ArmDescription
from robot_wm.fake import fake_spec
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.arm_config import wam_config_for
from robot_wm.world_model.wam.camera_geometry import FixedCamera
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.dynamics import DynamicsConfig
from robot_wm.world_model.wam.encoder import EncoderConfig
from robot_wm.world_model.wam.heads import HeadsConfig
from robot_wm.world_model.wam.model import WAM
from robot_wm.world_model.wam.stages import WAMStage, WAMTraining

SIZES = WAMConfig(
    EncoderConfig(width=8, residual_blocks=1, window=8, hidden=16),
    DynamicsConfig(hidden=16, dropout=0.0),
    HeadsConfig(action_hidden=32, action_blocks=1, steps_hidden=16, goal_hidden=16, decoder_width=4),
    overview_px=32,
    wrist_px=32,
)
OVERVIEW = FixedCamera((0.50, 0.0, 0.52), (0.135, 0.0, 0.0), 39.0)
SO101 = ArmDescription.of(replace(fake_spec(), mjcf=str(Path(sim.__path__[0]) / "assets/so101.xml")))
TINY = wam_config_for(SO101, OVERVIEW, SIZES)


STAGES = (
    WAMStage(kind="see", steps=2, batch=4, learning_rate=1e-2, warmup=1),
    WAMStage(kind="towers", steps=3, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
    WAMStage(kind="joint", steps=2, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
    WAMStage(kind="towers", steps=2, batch=4, learning_rate=1e-2, blocks=1, warmup=1),
)


def tiny_training(data: str, **changes: Any) -> WAMTraining:
    """A run of four short stages that logs every step."""
    values = {"stages": STAGES, "model": TINY, "bf16": False, "log_every": 1, "save_every": 2, "validation_share": 0.3}
    return WAMTraining(data=data, **(values | changes))


def tiny_wam(seed: int = 0) -> WAM:
    """The same weights for the same seed."""
    torch.manual_seed(seed)
    return WAM(TINY)


def batch(size: int = 4, blocks: int = 2, seed: int = 0) -> dict[str, Tensor]:
    """A batch as `robot_wm.world_model.wam.batches` makes them, from pictures."""
    g = torch.Generator().manual_seed(seed)
    frames = 3 + blocks
    table = torch.zeros(size, frames, 24, 6)
    table[:, :, :4, 0] = 1.0
    table[:, :, :4, 1:4] = 0.2 + 0.05 * torch.rand(size, 1, 4, 3, generator=g)
    code = torch.zeros(size, latent.TASK)
    code[:, 1] = 1.0
    code[:, latent.GOAL_OBJECT] = latent.name_codes()[2]
    picture = lambda side: torch.randint(0, 255, (size, frames, side, side, 3), generator=g, dtype=torch.uint8)  # noqa: E731
    return {
        "overview": picture(32),
        "wrist": picture(32),
        "state": 0.3 * torch.randn(size, frames, TINY.layout.state, generator=g),
        "table": table,
        "poses": torch.cat([torch.tensor([0.5, 0.0, 0.5]), torch.eye(3).flatten()]).expand(size, frames, 2, -1),
        "slots": torch.tensor([0, 1, 2, 3, -1]).expand(size, -1),
        "phrases": torch.randn(24, 384, generator=g),
        "executed": 0.02 * torch.rand(size, 2 * blocks, 5, generator=g),
        "has_action": torch.ones(size),
        "frame_mask": torch.ones(size, frames),
        "expert": 0.02 * torch.rand(size, 10, 5, generator=g),
        "expert_mask": torch.ones(size, 10),
        "steps": torch.randint(0, 60, (size,), generator=g).float(),
        "steps_mask": torch.ones(size),
        "code": code,
        "achieved": code,
        "reached": torch.ones(size),
    }
