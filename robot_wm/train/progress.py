"""The state of a stage: model, optimizer, averaged weights and step, saved and restored exactly."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from robot_wm.errors import CheckpointError
from robot_wm.files import write_whole
from robot_wm.train.config import Stage, TrainConfig


@dataclass
class Progress:
    """All that an exact resume of a stage needs."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor]  # exponential moving average of the state
    step: int = 0

    @classmethod
    def fresh(cls, model: nn.Module, stage: Stage, config: TrainConfig) -> "Progress":
        """Start a stage: AdamW on the parameters that require gradients, the average equal to the weights."""
        trained = [p for p in model.parameters() if p.requires_grad]
        settings = {"lr": stage.learning_rate, "weight_decay": config.weight_decay, "betas": (0.9, 0.99)}
        optimizer = torch.optim.AdamW(trained, **settings)
        return cls(model, optimizer, {k: v.detach().clone() for k, v in model.state_dict().items()})

    @property
    def trained(self) -> list[nn.Parameter]:
        """The parameters that the optimizer updates."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    def save(self, path: Path) -> None:
        """Write the state atomically. Raises ConfigError where it cannot be written."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        save_state(path, {**state, "average": self.average, "step": self.step})

    def load(self, path: Path) -> None:
        """Restore what `save` wrote. Raises CheckpointError where it is damaged."""
        state = load_state(path)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = {key: value.to(self.average[key].device) for key, value in state["average"].items()}
        self.step = state["step"]

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the average towards the weights; the decay is smaller in the first steps."""
        decay = min(decay, (1 + self.step) / (10 + self.step))
        for key, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[key].lerp_(value, 1.0 - decay)
            else:
                self.average[key].copy_(value)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averaged weights into the model for the body, the current ones back after it."""
        now = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        try:
            yield
        finally:
            self.model.load_state_dict(now)


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write tensors and numbers atomically. Raises ConfigError where they cannot be written."""
    memory = BytesIO()
    torch.save(dict(state), memory)
    write_whole(path, memory.getvalue())


def load_state(path: Path) -> dict[str, Any]:
    """Read what `save_state` wrote, onto the CPU. Raises CheckpointError where it is damaged."""
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except (RuntimeError, EOFError, UnpicklingError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); delete it to restart its stage") from error
