"""Latents of a whole dataset under a frozen encoder, in a memmap beside the run, so that the towers train on them."""

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
    """(N, Z) float16, kept at `path`; half-built ones are built again. `report` hears how many more are encoded.

    Raises DatasetError where the disk is full.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        model.eval()
        with new_array(path, np.float16, (source.frames, model.layout.z)) as out:
            for start, stop in zip(source.dataset.episode_start, source.dataset.episode_stop, strict=True):
                rows = np.arange(start, stop)
                with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                    out[rows] = _episode(model, source, rows).numpy()
                report(len(rows))
    return np.load(path, mmap_mode="r")


def _episode(model: WAM, source: Source, rows: NDArray[np.int64]) -> Float[Tensor, "n z"]:
    """The latents of one episode, which follow what is on its table from the start."""
    seen, slots = source.pictures(rows), source.slots(rows[:1])
    phrases = model.phrases[slots[0].clamp(min=0)]
    percept, _ = model.encoder.perceive(seen["overview"], seen["wrist"], seen["state"], phrases)
    return model.encoder.latent(percept, seen["state"], slots.expand(len(rows), -1))
