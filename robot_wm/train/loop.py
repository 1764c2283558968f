"""The training loop: one for every family and every stage. Its pieces are arguments; it writes `progress.pt` only."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from robot_wm.errors import RobotWMError
from robot_wm.train.config import Stage
from robot_wm.train.learner import Batch, Learner
from robot_wm.train.progress import Progress
from robot_wm.train.rank import Rank


class NotFiniteError(RobotWMError):
    """The loss or its gradient is not finite; the batch that caused it is saved."""

    exit_status = 1


def learning_rate(step: int, stage: Stage) -> float:
    """Return the learning rate of a step: linear warm-up, then a cosine decay to a fiftieth (SGDR, Loshchilov 2017)."""
    if step < stage.warmup:
        return stage.learning_rate * (step + 1) / stage.warmup
    share = (step - stage.warmup) / max(1, stage.steps - stage.warmup)
    cosine = 0.5 * (1.0 + torch.cos(torch.tensor(share * torch.pi)).item())
    return stage.learning_rate * (0.02 + 0.98 * cosine)


def train_stage(
    learner: Learner,
    stage: Stage,
    progress: Progress,
    on_log: Callable[[int, Mapping[str, float]], None],
    out: Path,
    device: torch.device,
    rank: Rank,
) -> None:
    """Train from `progress.step` to the end of the stage.

    Args:
        learner: The family, with this stage begun.
        stage: Number of steps and learning rate.
        progress: State of the stage; updated in place.
        on_log: Receives the step and the losses every `log_every` steps, on rank 0.
        out: Folder of the stage, for `progress.pt` and a batch that is not finite.
        device: Where batches are moved to; the model must be there.
        rank: This process; gradients and buffers are averaged over all ranks.

    Raises:
        NotFiniteError: A loss or the gradient is not finite; this rank's batch is saved in `out`.
    """
    config = learner.config
    stream = learner.batches(progress.step * rank.world_size + rank.index, rank.world_size)
    while progress.step < stage.steps:
        batch = {name: value.to(device) for name, value in next(stream).items()}
        _seed(config.seed * 1_000_003 + progress.step, rank)
        for group in progress.optimizer.param_groups:
            group["lr"] = learning_rate(progress.step, stage)
        figures = _update(learner, progress, batch, out, rank)
        progress.step += 1
        progress.update_average(config.ema)
        if not rank.is_first:
            continue
        if progress.step % config.log_every == 0:
            on_log(progress.step, figures)
        if progress.step % config.save_every == 0 or progress.step == stage.steps:
            progress.save(out / "progress.pt")


def _seed(seed: int, rank: Rank) -> None:
    """Seed dropout and masks by the step, so that a resumed run draws the same; each rank draws its own."""
    torch.manual_seed(seed + (rank.index << 40))


def _update(learner: Learner, progress: Progress, batch: Batch, out: Path, rank: Rank) -> dict[str, float]:
    """Take one optimizer step; returns the losses by name, their sum and the norm of the gradient."""
    parts = learner.losses(batch)
    total = torch.stack([part.float() for part in parts.values()]).sum()
    progress.optimizer.zero_grad(set_to_none=True)
    total.backward()
    rank.average_gradients(progress.trained)
    rank.average([each for each in progress.model.buffers() if each.is_floating_point()])
    norm = nn.utils.clip_grad_norm_(progress.trained, learner.config.clip)
    if not (torch.isfinite(total) and torch.isfinite(norm)):
        _refuse(parts, batch, out, rank)
    progress.optimizer.step()
    return {name: value.item() for name, value in (parts | {"total": total, "gradient_norm": norm}).items()}


def _refuse(parts: Mapping[str, Tensor], batch: Batch, out: Path, rank: Rank) -> None:
    """Save this rank's batch and raise NotFiniteError."""
    name = "not_finite_batch.pt" if rank.world_size == 1 else f"not_finite_batch_rank{rank.index}.pt"
    torch.save(batch, out / name)
    named = ", ".join(f"{k} {v.item():.3g}" for k, v in parts.items())
    raise NotFiniteError(
        f"loss or gradient is not finite ({named}); the batch is saved in {out / name}; "
        "check it for values that are not finite, or lower the learning rate"
    )
