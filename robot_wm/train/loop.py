"""Training: one loop for every stage. It takes its pieces as arguments and knows no file of the dataset."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from robot_wm.errors import CheckpointError, RobotWMError
from robot_wm.files import write_whole
from robot_wm.train.config import Stage, TrainConfig
from robot_wm.world_model.wam.model import WAM


class NotFiniteError(RobotWMError):
    """The loss or its gradient was not finite; the batch that did it is saved."""

    exit_status = 1


@dataclass
class Progress:
    """Where a run is, all that an exact resume needs."""

    model: WAM
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor]  # exponential moving average of the weights
    step: int = 0

    def save(self, path: Path) -> None:
        """Whole or not at all. Raises ConfigError where it cannot be written."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        save_state(path, {**state, "average": self.average, "step": self.step})

    def load(self, path: Path) -> None:
        """Take up what `save` wrote. Raises CheckpointError where that is damaged."""
        state = load_state(path)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step = state["average"], state["step"]


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write tensors and numbers, whole or not at all. Raises ConfigError where they cannot be written."""
    memory = BytesIO()
    torch.save(dict(state), memory)
    write_whole(path, memory.getvalue())


def load_state(path: Path) -> dict[str, Any]:
    """What `save_state` wrote. Raises CheckpointError where it is damaged."""
    try:
        return torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, UnpicklingError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); remove it, and its stage begins anew") from error


def begin(model: WAM, stage: Stage, config: TrainConfig) -> Progress:
    """A fresh stage: AdamW on what the stage trains, and an average that starts at the weights."""
    model.encoder.requires_grad_(stage.pictures)
    model.decoder.requires_grad_(stage.pictures)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=stage.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.99))
    return Progress(model, optimizer, {k: v.detach().clone() for k, v in model.state_dict().items()})


def learning_rate(step: int, stage: Stage) -> float:
    """Linear warm-up, then a cosine down to a fiftieth."""
    if step < stage.warmup:
        return stage.learning_rate * (step + 1) / stage.warmup
    share = (step - stage.warmup) / max(1, stage.steps - stage.warmup)
    cosine = 0.5 * (1.0 + torch.cos(torch.tensor(share * torch.pi)).item())
    return stage.learning_rate * (0.02 + 0.98 * cosine)


def train_stage(
    progress: Progress,
    stage: Stage,
    config: TrainConfig,
    batches: Callable[[int], Iterator[dict[str, Tensor]]],
    on_log: Callable[[int, Mapping[str, float]], None],
    out: Path,
) -> None:
    """Train from `progress.step` to the stage's end. `batches(step)` yields the batches from that step on."""
    model = progress.model
    stream = batches(progress.step)
    while progress.step < stage.steps:
        batch = next(stream)
        torch.manual_seed(config.seed * 1_000_003 + progress.step)  # dropout and masks: the same after a resume
        for group in progress.optimizer.param_groups:
            group["lr"] = learning_rate(progress.step, stage)
        parts = train_step(model, progress.optimizer, batch, config, stage.pictures, out)
        progress.step += 1
        _average(progress, config.ema)
        if progress.step % config.log_every == 0:
            on_log(progress.step, parts)
        if progress.step % config.save_every == 0 or progress.step == stage.steps:
            progress.save(out / "progress.pt")


def train_step(
    model: WAM,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, Tensor],
    config: TrainConfig,
    pictures: bool,
    out: Path,
) -> dict[str, float]:
    """One step; returns the losses by name. Raises NotFiniteError with the batch saved beside the run."""
    model.train()
    if not pictures:
        model.encoder.eval()
    with torch.autocast("cpu", torch.bfloat16, enabled=config.bf16 and pictures):
        parts, _ = model.losses(batch)
    total = torch.stack([part.float() for part in parts.values()]).sum()
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    norm = nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], config.clip)
    if not (torch.isfinite(total) and torch.isfinite(norm)):
        torch.save(batch, out / "not_finite_batch.pt")
        named = ", ".join(f"{k} {v.item():.3g}" for k, v in parts.items())
        raise NotFiniteError(
            f"loss or gradient is not finite ({named}); the batch is saved in {out}/not_finite_batch.pt"
        )
    optimizer.step()
    figures = parts | {"total": total, "gradient_norm": norm}
    return {name: value.item() for name, value in figures.items()}


@torch.no_grad()
def _average(progress: Progress, decay: float) -> None:
    decay = min(decay, (1 + progress.step) / (10 + progress.step))
    for key, value in progress.model.state_dict().items():
        kept = progress.average[key]
        if value.is_floating_point():
            kept.lerp_(value, 1.0 - decay)
        else:
            kept.copy_(value)
