"""A family of three numbers, fitted to noisy lines: what the loop needs of a learner and nothing else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from robot_wm.train.config import Stage, TrainConfig
from robot_wm.train.learner import Batch, Learner, OnPrepare

STAGES = (
    Stage(kind="slope", steps=4, batch=8, learning_rate=0.1, warmup=1),
    Stage(kind="all", steps=3, batch=8, learning_rate=0.05, warmup=1),
)


@dataclass(frozen=True, kw_only=True)
class ToyConfig(TrainConfig):
    stages: tuple[Stage, ...] = STAGES
    family: str = "toy"
    data: str = "none"
    truth: float = 2.0
    noise: float = 0.1  # drawn from torch's default generator, like dropout
    broken_batch: int = -1  # number of the batch that is not finite


def toy_config(**changes: Any) -> ToyConfig:
    values: dict[str, Any] = {"log_every": 1, "save_every": 2} | changes
    return ToyConfig(**values)


class Line(nn.Module):
    """slope * x + offset, a parameter that no loss uses, and a running mean of x."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.slope, self.offset = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
        self.unused = nn.Parameter(torch.ones(1))
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("seen", torch.zeros(1, dtype=torch.long))


class ToyLearner(Learner):
    config: ToyConfig
    model: Line

    def __init__(self, config: ToyConfig, dataset: str = "made-up") -> None:
        self.config, self.model, self.dataset = config, Line(), dataset
        self.stage = -1

    def identity(self) -> dict[str, str | None]:
        return {"dataset": self.dataset}

    def begin(self, stage: int, folder: Path, on_prepare: OnPrepare) -> None:
        self.stage = stage
        self.model.requires_grad_(True)
        self.model.offset.requires_grad_(self.config.stages[stage].kind == "all")
        on_prepare("drawing lines", 1, 1)

    def batches(self, first: int, stride: int) -> Iterator[Batch]:
        return (self.batch(number) for number in count(first, stride))

    def batch(self, number: int) -> Batch:
        generator = torch.Generator().manual_seed(1000 * self.stage + number)
        x = torch.rand(self.config.stages[self.stage].batch, generator=generator)
        y = self.config.truth * x + 1.0
        return {"x": x, "y": y * torch.nan if number == self.config.broken_batch else y}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        x = batch["x"] + self.config.noise * torch.randn_like(batch["x"])
        self.model.mean.lerp_(batch["x"].mean(), 0.1)
        return {"fit": (self.model.slope * x + self.model.offset - batch["y"]).square().mean()}

    def probe(self) -> dict[str, float]:
        return {"slope": self.model.slope.item()}

    def save(self, folder: Path, run: Mapping[str, object]) -> Path:
        path = folder / "toy.json"
        state = {name: value.tolist() for name, value in self.model.state_dict().items()}
        path.write_text(json.dumps({"state": state, "run": dict(run)}))
        return path
