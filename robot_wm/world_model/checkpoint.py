"""Checkpoints: one safetensors file with fp16 weights and, in its header, the resolved configuration.

Written beside and renamed, so that a killed process leaves the old file or none.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save as serialize
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from robot_wm.config import from_values
from robot_wm.errors import CheckpointError, RobotWMError
from robot_wm.files import write_whole
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.families import SHIPPED, read_metadata
from robot_wm.world_model.wam.model import WAM, WAMConfig

FORMAT = "robot_wm.wam/1"


def save(path: Path, weights: Mapping[str, torch.Tensor], config: WAMConfig, run: Mapping[str, object]) -> None:
    """Write `weights` in fp16 with the model's config and a record of the run that made them.

    Raises CheckpointError where a weight is not finite in fp16, ConfigError where the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {key: (w.half() if w.is_floating_point() else w).contiguous() for key, w in weights.items()}
    bad = [key for key, w in kept.items() if not torch.isfinite(w).all()]
    if bad:
        raise CheckpointError(f"not saved to {path}: not finite in fp16, whose largest number is 65504: {bad}")
    header = {"format": FORMAT, "config": json.dumps(asdict(config)), "run": json.dumps(run)}
    write_whole(path, serialize(kept, header))


def header(path: Path) -> dict[str, str]:
    """The header of a checkpoint. Raises CheckpointError where the file is missing, truncated or foreign."""
    found = read_metadata(path)
    if found.get("format") != FORMAT:
        raise CheckpointError(f"{path} holds {found.get('format', 'a foreign format')!r}, expected {FORMAT!r}")
    return found


def load(path: Path | None = None, kinematics: Kinematics | None = None) -> WAM:
    """A WAM to be used: in eval mode, fp32, batch norms folded into convolutions. Raises CheckpointError.

    From the shipped checkpoint by default.
    """
    path = path or SHIPPED
    model = read(path, kinematics)
    joints = len(model.config.wrist.hinges)
    if kinematics is not None and kinematics.spec.n_joints != joints:
        raise CheckpointError(
            f"{path} is of an arm with {joints} joints, and {kinematics.spec.name!r} has {kinematics.spec.n_joints}; "
            "give a --checkpoint trained for it, or --policy oracle, which needs none in simulation"
        )
    return folded(model)


def folded(model: WAM) -> WAM:
    """The same model with each batch norm that follows a convolution made part of it; it can be trained no more.

    Their weights are laid out as the pictures are, which would else be done at each look.
    """
    for layers in [each for each in model.modules() if isinstance(each, nn.Sequential) and len(each) > 1]:
        conv, norm = layers[0], layers[1]
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            layers[0] = fused = fuse_conv_bn_eval(conv, norm)
            fused.weight.data = fused.weight.data.contiguous(memory_format=torch.channels_last)
            layers[1] = nn.Identity()
    return model


def read(path: Path, kinematics: Kinematics | None = None) -> WAM:
    """A WAM in eval mode, fp32, as it was saved. Raises CheckpointError."""
    found = header(path)
    try:
        model = WAM(from_values(WAMConfig, json.loads(found["config"])), kinematics)
        with safe_open(path, "pt") as file:
            weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118 (not a dict)
        counters = {key: w for key, w in model.state_dict().items() if not w.is_floating_point()}
        model.load_state_dict({**counters, **weights})
    except (RuntimeError, RobotWMError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} does not fit this version of the model: {error}") from error
    return model.eval()
