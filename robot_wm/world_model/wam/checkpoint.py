"""Checkpoints: one safetensors file with fp16 weights and a header (`checkpoint_header`).

Written beside and renamed, so that a killed process leaves the old file or none.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save as serialize
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from robot_wm.arm_description import ArmDescription, ChainJoint, kinematics_hash
from robot_wm.config import from_values
from robot_wm.errors import CheckpointError, RobotWMError
from robot_wm.files import write_whole
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.arm_identity import ArmIdentity, Difference, Size, differences
from robot_wm.world_model.checkpoint_header import FORMAT, Header, header_text, read_header
from robot_wm.world_model.families import SHIPPED
from robot_wm.world_model.success import SuccessCalibration
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.model import WAM

FAMILY = "wam"

__all__ = ["FORMAT", "SHIPPED", "Header", "folded", "load", "read", "read_header", "save"]


def save(
    path: Path,
    weights: Mapping[str, torch.Tensor],
    config: WAMConfig,
    run: Mapping[str, object],
    arm: ArmDescription | None = None,
    success: SuccessCalibration | None = None,
) -> None:
    """Write weights in fp16 with a header.

    Args:
        path: Where to; the folder is made.
        weights: The model's `state_dict`.
        config: The model's.
        run: A record of the run that made them.
        arm: The arm it was trained for; None where only what `config` says of it is known (the kinematics).
        success: The fitted calibration; the default one where none was fitted.

    Raises:
        CheckpointError: A weight is not finite in fp16.
        ConfigError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {key: (w.half() if w.is_floating_point() else w).contiguous() for key, w in weights.items()}
    bad = [key for key, w in kept.items() if not torch.isfinite(w).all()]
    if bad:
        raise CheckpointError(f"not saved to {path}: not finite in fp16, whose largest number is 65504: {bad}")
    cameras: dict[str, Size] = {
        "overview": (config.overview_px, config.overview_px),
        "wrist": (config.wrist_px, config.wrist_px),
    }
    identity = _identity_of(config, cameras) if arm is None else ArmIdentity.of(arm, cameras)
    header = Header(FAMILY, identity, success or SuccessCalibration(), asdict(config), run)
    write_whole(path, serialize(kept, header_text(header)))


def load(
    path: Path | None = None,
    kinematics: Kinematics | None = None,
    force: bool = False,
    cameras: Mapping[str, Size] | None = None,
) -> WAM:
    """Load a WAM to be used: in eval mode, fp32, batch norms folded into convolutions.

    Args:
        path: The checkpoint; the shipped one by default.
        kinematics: Of the arm it is to be used on; without them it cannot observe.
        force: Use it although joint ranges are wider than in training. Nothing else can be forced.
        cameras: Sizes (height, width) of the arm's cameras by name; None where they are not known.

    Raises:
        CheckpointError: The file is missing, truncated, foreign, or of another arm; each difference is named.
    """
    path = path or SHIPPED
    if kinematics is not None:
        found = differences(read_header(path).arm, ArmDescription.from_kinematics(kinematics), cameras)
        _require_fits(path, kinematics.spec.name, found, force)
    return folded(read(path, kinematics))


def folded(model: WAM) -> WAM:
    """Return the model with each batch norm that follows a convolution made part of it; it can be trained no more.

    Weights are laid out as the pictures are, which would otherwise be done at each observation.
    """
    for layers in [each for each in model.modules() if isinstance(each, nn.Sequential) and len(each) > 1]:
        conv, norm = layers[0], layers[1]
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            layers[0] = fused = fuse_conv_bn_eval(conv, norm)
            fused.weight.data = fused.weight.data.contiguous(memory_format=torch.channels_last)
            layers[1] = nn.Identity()
    return model


def read(path: Path, kinematics: Kinematics | None = None) -> WAM:
    """Return a WAM in eval mode, fp32, as it was saved, with its success calibration. Raises CheckpointError."""
    header = read_header(path)
    if header.family != FAMILY:
        raise CheckpointError(f"{path} holds a model of family {header.family!r}, expected {FAMILY!r}")
    try:
        model = WAM(from_values(WAMConfig, header.config), kinematics, header.success)
        with safe_open(path, "pt") as file:
            weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118 (not a dict)
        counters = {key: w for key, w in model.state_dict().items() if not w.is_floating_point()}
        model.load_state_dict({**counters, **weights})
    except (RuntimeError, RobotWMError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} does not fit this version of the model: {error}") from error
    return model.eval()


def _require_fits(path: Path, arm: str, found: list[Difference], force: bool) -> None:
    """Raise CheckpointError, naming each difference, unless there is none or all are ranges and `force` is set."""
    if not found or (force and all(each.is_range for each in found)):
        return
    remedy = "give a --checkpoint trained for it, or --policy oracle, which needs none in simulation"
    if all(each.is_range for each in found):
        remedy = "narrow the ranges, or give --force to use it all the same"
    raise CheckpointError(f"{path} does not fit arm {arm!r}: {'; '.join(each.words for each in found)}; {remedy}")


def _identity_of(config: WAMConfig, cameras: Mapping[str, Size]) -> ArmIdentity:
    """What a configuration alone says of the arm."""
    mount = config.mount
    chain = [ChainJoint("", hinge.at_m, hinge.axis, hinge.slide) for hinge in mount.hinges]
    return ArmIdentity(len(chain), kinematics_hash(chain, mount.landmarks_m[0]), cameras=cameras)
