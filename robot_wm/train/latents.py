"""Latents of a whole dataset under a frozen encoder, in a memmap beside the run, so that the towers train on them."""

from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from robot_wm.train.batches import Source
from robot_wm.world_model import latent
from robot_wm.world_model.wam import WAM


@torch.inference_mode()
def cache_latents(model: WAM, source: Source, path: Path, batch: int = 256) -> NDArray[np.float16]:
    """(N, Z) float16. Built once; continued never: a half-built cache has another name and is built again."""
    if path.is_file():
        return np.load(path, mmap_mode="r")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp.npy")
    model.eval()
    out = open_memmap(beside, mode="w+", dtype=np.float16, shape=(source.frames, latent.Z))
    for start in range(0, source.frames, batch):
        rows = np.arange(start, min(start + batch, source.frames))
        seen = source.pictures(rows)
        slots = source.slots(rows)
        percept, _ = model.encoder.perceive(seen["overview"], seen["wrist"], seen["state"], model.phrases)
        z = model.encoder.latent(percept.take(slots), seen["state"], slots)
        out[rows] = z.numpy()
    out.flush()
    del out
    beside.rename(path)
    return np.load(path, mmap_mode="r")
