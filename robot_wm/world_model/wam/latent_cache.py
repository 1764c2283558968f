"""Cached latents of a whole dataset under a frozen encoder: a memory-mapped file that the towers train on."""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.data.arrays import new_array
from robot_wm.data.cache import Report
from robot_wm.world_model.wam.batches import Source
from robot_wm.world_model.wam.model import WAM


@torch.inference_mode()
def cache_latents(model: WAM, source: Source, path: Path, bf16: bool, report: Report) -> NDArray[np.float16]:
    """Encode every frame of a dataset, unless `path` holds the latents already.

    Args:
        model: Model with the encoder; left in eval mode if frames are encoded.
        source: The dataset.
        path: File of the latents; written completely or not at all.
        bf16: Whether to encode in bfloat16.
        report: Receives the number of frames just encoded.

    Returns:
        (N, Z) latents, mapped from disk.

    Raises:
        DatasetError: The disk is full.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        model.eval()
        with new_array(path, np.float16, (len(source.dataset), model.layout.z)) as out:
            for start, stop in zip(source.dataset.episode_start, source.dataset.episode_stop, strict=True):
                rows = np.arange(start, stop)
                out[rows] = _episode(model, source, rows, bf16).cpu().numpy()
                report(len(rows))
    return np.load(path, mmap_mode="r")


def _episode(model: WAM, source: Source, rows: NDArray[np.int64], bf16: bool) -> Float[Tensor, "n z"]:
    """Encode one episode; its slots follow the objects on the table at its start."""
    device = model.phrases.device
    seen = {name: value.to(device) for name, value in source.pictures(rows).items()}
    slots = source.slots(rows[:1]).to(device)
    phrases = model.phrases[slots[0].clamp(min=0)]
    with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        percept, _ = model.encoder.perceive(seen["overview"], seen["wrist"], seen["state"], phrases)
        return model.encoder.latent(percept, seen["state"], slots.expand(len(rows), -1))
