"""Batches for the WAM: windows of a dataset as tensors, with pictures or with cached latents.

The frames of a window are: first of its segment, last of its segment, then t, t + block, t + 2 block, ...
What the dataset lacks (see `dataset_schema`) is omitted (labels) or masked (actions).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.data.episodes import EpisodeDataset
from robot_wm.data.table import CAMERA_POSES, CAMERAS, POSE, TABLE
from robot_wm.data.windows import WindowConfig, Windows
from robot_wm.goals import DIRECTIONS, NAMES, SKILLS
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.stages import WAMStage

_TABLE = (len(NAMES), 6)
_PLAIN = 0.8  # share of names whose plain wording is used


@dataclass(frozen=True)
class Source:
    """A dataset with its decoded pictures."""

    dataset: EpisodeDataset  # as `dataset_schema.zero_filled` returns it
    cameras: dict[str, NDArray[np.uint8]]  # overview (N, h, w, 3), wrist (N, h, w, 3)
    phrases: Tensor  # (24, W, p) sentence vectors of W wordings per name, the plain one first
    episodes: NDArray[np.int64]  # numbers of the episodes to draw from

    def split(self, validation_share: float) -> "tuple[Source, Source]":
        """Split the episodes into training and validation ones; the latter are the last ones, at least one."""
        held_out = max(1, int(validation_share * len(self.episodes)))
        return replace(self, episodes=self.episodes[:-held_out]), replace(self, episodes=self.episodes[-held_out:])

    def pictures(self, rows: NDArray[np.int64], cameras: tuple[str, ...] = ("overview", "wrist")) -> dict[str, Tensor]:
        """Return pictures, proprioception and, where the dataset has them, labels of rows (...)."""
        arrays = self.dataset.arrays
        seen = {name: torch.from_numpy(self.cameras[name][rows]) for name in cameras}
        seen["state"] = torch.from_numpy(arrays["observation.state"][rows])
        if TABLE.name in self.dataset.features:
            seen["table"] = torch.from_numpy(arrays[TABLE.name][rows].reshape(*rows.shape, *_TABLE))
        if CAMERA_POSES.name in self.dataset.features:
            poses = arrays[CAMERA_POSES.name][rows].reshape(*rows.shape, len(CAMERAS), len(POSE))
            seen["poses"] = torch.from_numpy(poses)
        return seen

    def slots(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the labelled names on the table at each row (B,): (B, SLOTS) indices into NAMES, or EMPTY."""
        present = self.dataset.arrays[TABLE.name][rows].reshape(-1, *_TABLE)[..., 0] > 0.5
        ranked = np.where(present, np.arange(len(NAMES)), len(NAMES))
        ranked = np.sort(ranked, axis=1)[:, : latent.SLOTS]
        return torch.from_numpy(np.where(ranked < len(NAMES), ranked, latent.EMPTY))


def task_codes(tasks: NDArray[np.int64]) -> Tensor:
    """Return goal codes (B, TASK) of task indices (B, 4), which `robot_wm.data.windows.task_indices` defines."""
    points = torch.zeros(len(tasks), latent.TASK)
    names = torch.cat([latent.name_codes(), torch.zeros(1, latent.CODE)])  # -1 picks the zeros
    directions = torch.tensor([*DIRECTIONS.values(), (0.0, 0.0)])
    skills = torch.cat([torch.eye(len(SKILLS)), torch.zeros(1, len(SKILLS))])
    index = torch.from_numpy(tasks)
    points[:, latent.GOAL_SKILL] = skills[index[:, 0]]
    points[:, latent.GOAL_OBJECT] = names[index[:, 1]]
    points[:, latent.GOAL_TARGET] = names[index[:, 2]]
    points[:, latent.GOAL_DIRECTION] = directions[index[:, 3]]
    return points


class Batches:
    """Endless random batches of one stage; the same seed and number give the same batch.

    Args:
        source: What to draw from.
        stage: Kind, batch size and length of the windows.
        model: Length of the model's chunks and blocks.
        seed: Seed of the draws.
        z: (N, Z) cached latents, for the stages that read no pictures.
    """

    def __init__(
        self, source: Source, stage: WAMStage, model: WAMConfig, seed: int, z: NDArray[np.float16] | None
    ) -> None:
        self._source, self._stage, self._seed, self._z = source, stage, seed, z
        config = WindowConfig(steps=stage.blocks, stride=model.block, chunk=model.chunk)
        self._windows = Windows(source.dataset, config, source.episodes)

    def stream(self, first: int, stride: int) -> Iterator[dict[str, Tensor]]:
        """Yield batches `first`, `first + stride`, ..., each prepared in a thread while the one before is used."""
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self.batch, first)
            for number in count(first + stride, stride):
                ready, ahead = ahead, pool.submit(self.batch, number)
                yield ready.result()

    def batch(self, number: int) -> dict[str, Tensor]:
        """Return a batch by number; its keys are those that `Objective` reads."""
        drawn = self._windows.batch(self._seed, number, self._stage.batch)
        if self._stage.kind == "see":
            return self._look(drawn["index"][:, :1], number)
        if self._stage.kind == "name":
            seen = self._source.pictures(drawn["index"][:, :1], ("overview",))
            return {key: seen[key] for key in ("overview", "table", "poses")}
        ends = np.stack([drawn["segment_start"], drawn["segment_stop"] - 1], axis=1)
        rows = np.concatenate([ends, drawn["index"]], axis=1)  # (B, F)
        if self._z is None:
            return self._common(drawn) | self._look(rows, number)
        return self._common(drawn) | {"z": torch.from_numpy(self._z[rows].astype(np.float32))}

    def _look(self, rows: NDArray[np.int64], number: int) -> dict[str, Tensor]:
        """Return pictures of rows (B, F), the names on the table, and one wording per name, mostly the plain one."""
        rng = np.random.default_rng([self._seed, number, 1])
        wording = rng.integers(self._source.phrases.shape[1], size=len(NAMES)) * (rng.random(len(NAMES)) > _PLAIN)
        phrases = self._source.phrases[torch.arange(len(NAMES)), torch.from_numpy(wording)]
        return {"phrases": phrases, "slots": self._source.slots(rows[:, -1]), **self._source.pictures(rows)}

    def _common(self, drawn: dict[str, NDArray]) -> dict[str, Tensor]:
        left = drawn["steps_left"][:, 0]
        succeeded = ~np.isnan(left)
        achieved = np.where(succeeded[:, None], drawn["task"], drawn["happened"])
        valid = np.concatenate([np.ones_like(drawn["valid"][:, :2]), drawn["valid"]], axis=1)
        as_float = lambda a: torch.from_numpy(a.astype(np.float32))  # noqa: E731
        return {
            "executed": as_float(drawn["action"]),
            "has_action": torch.full((len(left),), float("action" in self._source.dataset.features)),
            "frame_mask": as_float(valid),
            "expert": as_float(drawn["expert"]),
            "expert_mask": as_float(drawn["expert_valid"]),
            "steps": as_float(np.nan_to_num(left)),
            "steps_mask": as_float(succeeded),
            "code": task_codes(drawn["task"]),
            "achieved": task_codes(achieved),
            "reached": as_float(achieved[:, 0] >= 0),
        }
