"""Batches for the WAM: windows of a dataset as tensors, with pictures or with cached latents.

Frames of a window, in order: first of its segment, last of its segment, then t, t + block, t + 2 block, ...
What the dataset lacks (see `dataset_schema`) is left out or masked: no table without labels, no action counts.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.data.episodes import EpisodeDataset
from robot_wm.data.table import CAMERA_POSES, CAMERAS, POSE, TABLE
from robot_wm.data.windows import WindowConfig, Windows
from robot_wm.goals import DIRECTIONS, NAMES, SKILLS
from robot_wm.train.config import Stage
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.config import WAMConfig

_TABLE = (len(NAMES), 6)
_PLAIN = 0.8  # share of names that are called by their plain name


@dataclass(frozen=True)
class Source:
    """A dataset (`needs.completed`), its decoded pictures, and several sentence vectors for each name (24, W, p)."""

    dataset: EpisodeDataset
    cameras: dict[str, NDArray[np.uint8]]  # overview (N, h, w, 3), wrist (N, h, w, 3)
    phrases: Tensor
    episodes: NDArray[np.int64]  # which to draw from

    @property
    def frames(self) -> int:
        return len(self.dataset)

    def pictures(self, rows: NDArray[np.int64], cameras: tuple[str, ...] = ("overview", "wrist")) -> dict[str, Tensor]:
        """Pictures, proprioception and labels of rows (...)."""
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
        """The names on the table at each row (B,), by the labels: (B, SLOTS) rows of NAMES, EMPTY where fewer."""
        present = self.dataset.arrays[TABLE.name][rows].reshape(-1, *_TABLE)[..., 0] > 0.5
        ranked = np.where(present, np.arange(len(NAMES)), len(NAMES))
        ranked = np.sort(ranked, axis=1)[:, : latent.SLOTS]
        return torch.from_numpy(np.where(ranked < len(NAMES), ranked, latent.EMPTY))


def task_codes(tasks: NDArray[np.int64]) -> Tensor:
    """Goal codes (B, TASK) of task indices (B, 4) as `robot_wm.data.windows.task_indices` has them."""
    points = torch.zeros(len(tasks), latent.TASK)
    names = torch.cat([latent.name_codes(), torch.zeros(1, latent.CODE)])  # -1 picks the zeros
    ways = torch.tensor([*DIRECTIONS.values(), (0.0, 0.0)])
    skills = torch.cat([torch.eye(len(SKILLS)), torch.zeros(1, len(SKILLS))])
    index = torch.from_numpy(tasks)
    points[:, latent.GOAL_SKILL] = skills[index[:, 0]]
    points[:, latent.GOAL_OBJECT] = names[index[:, 1]]
    points[:, latent.GOAL_TARGET] = names[index[:, 2]]
    points[:, latent.GOAL_DIRECTION] = ways[index[:, 3]]
    return points


class Batches:
    """Endless batches from a step on; the same seed and step give the same batch."""

    def __init__(
        self, source: Source, stage: Stage, model: WAMConfig, seed: int, z: NDArray[np.float16] | None
    ) -> None:
        self._source, self._stage, self._seed, self._z = source, stage, seed, z
        config = WindowConfig(steps=stage.blocks, stride=model.block, chunk=model.chunk)
        self._windows = Windows(source.dataset, config, source.episodes)

    def __call__(self, step: int) -> Iterator[dict[str, Tensor]]:
        """Batches from `step` on, made one ahead in a thread."""
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self.batch, step)
            while True:
                step += 1
                ready, ahead = ahead, pool.submit(self.batch, step)
                yield ready.result()

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step; what it holds is what `WAM.losses` reads."""
        drawn = self._windows.batch(self._seed, step, self._stage.batch)
        if self._stage.kind == "see":
            return self._look(drawn["index"][:, :1], step)
        if self._stage.kind == "name":
            seen = self._source.pictures(drawn["index"][:, :1], ("overview",))
            return {key: seen[key] for key in ("overview", "table", "poses")}
        ends = np.stack([drawn["segment_start"], drawn["segment_stop"] - 1], axis=1)
        rows = np.concatenate([ends, drawn["index"]], axis=1)  # (B, F)
        if self._z is None:
            return self._common(drawn) | self._look(rows, step)
        return self._common(drawn) | {"z": torch.from_numpy(self._z[rows].astype(np.float32))}

    def _look(self, rows: NDArray[np.int64], step: int) -> dict[str, Tensor]:
        """Pictures of rows (B, F), what is on the table, and one wording of each name, more often the plain one."""
        rng = np.random.default_rng([self._seed, step, 1])
        wording = rng.integers(self._source.phrases.shape[1], size=len(NAMES)) * (rng.random(len(NAMES)) > _PLAIN)
        phrases = self._source.phrases[torch.arange(len(NAMES)), torch.from_numpy(wording)]
        return {"phrases": phrases, "slots": self._source.slots(rows[:, -1]), **self._source.pictures(rows)}

    def _common(self, drawn: dict[str, NDArray]) -> dict[str, Tensor]:
        left = drawn["steps_left"][:, 0]
        succeeded = ~np.isnan(left)
        told = np.where(succeeded[:, None], drawn["task"], drawn["happened"])
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
            "told": task_codes(told),
            "reached": as_float(told[:, 0] >= 0),
        }
