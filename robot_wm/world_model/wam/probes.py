"""Probes beside the losses: rank of the latent, localisation error, imagination error, effect of the actions."""

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.model import WAM
from robot_wm.world_model.wam.objective import Objective

_NOW = 2  # the frame of a window that actions start from


def effective_rank(x: Float[Tensor, "n f"]) -> float:
    """Return exp of the entropy of the normalised singular values: f where all directions are used, 1 on collapse.

    Roy and Vetterli 2007, "The effective rank".
    """
    values = torch.linalg.svdvals(x.float() - x.float().mean(0))
    share = values / values.sum().clamp(min=1e-9)
    return float((-(share * share.clamp(min=1e-12).log()).sum()).exp())


@torch.inference_mode()
def probe(objective: Objective, batch: dict[str, Tensor]) -> dict[str, float]:
    """Evaluate a model on a held-out batch.

    Args:
        objective: The losses and the model, which is left in eval mode.
        batch: As `batches` makes them.

    Returns:
        Losses (`loss_*`), effective ranks (`rank_*`), shares, and lengths in mm (`*_mm*`), by name.
    """
    model = objective.model.eval()
    parts, z = objective(batch)
    found = {f"loss_{name}": value.item() for name, value in parts.items()}
    if "overview" in batch and "wrist" not in batch:
        return found  # crops only: there is no latent
    if "table" in batch:
        found |= localisation(model, batch)
    robot, objects = latent.split(z[:, _NOW if z.shape[1] > 1 else 0])
    filled = objects[..., latent.CODES].amax(-1) > 0.5
    found["rank_robot"] = effective_rank(robot[:, latent.LEARNED])
    if filled.any():
        found["rank_objects"] = effective_rank(objects[filled][:, latent.CODES.stop :])
    return found | _imagination(model, batch, z) if z.shape[1] > 3 else found


def localisation(model: WAM, batch: dict[str, Tensor]) -> dict[str, float]:
    """Measure the position error in mm of objects that are there, and the shares of wrong presences."""
    flat = {key: batch[key][:, min(_NOW, batch[key].shape[1] - 1)] for key in ("overview", "wrist", "state", "table")}
    percept, _ = model.encoder.perceive(flat["overview"], flat["wrist"], flat["state"], model.phrases)
    there = flat["table"][..., 0] > 0.5
    error_mm = 1e3 * latent.UNIT_M * (percept.position - latent.to_units(flat["table"][..., 1:4])).norm(dim=-1)[there]
    wrong = ((percept.presence > 0) != there).float()
    return {
        "locate_mm_p50": float(error_mm.quantile(0.5)),
        "locate_mm_p95": float(error_mm.quantile(0.95)),
        "presence_missed": float(wrong[there].mean()),
        "presence_invented": float(wrong[~there].mean()),
    }


def _imagination(model: WAM, batch: dict[str, Tensor], z: Float[Tensor, "b f z"]) -> dict[str, float]:
    """Measure the imagined motion of tool and object in mm, beside that of a still scene, and the effect of actions."""
    now, later = z[:, _NOW], z[:, _NOW + 1 :]
    actions = model.squash(batch["executed"])
    mask = batch["frame_mask"][:, _NOW + 1 :].bool()
    imagined = model.roll_out(now, actions).mean(0)
    other = model.roll_out(now, actions.roll(1, 0)).mean(0)
    found = {}
    for name, places in (("tool", _tools), ("object", _moved)):
        truth, guess, still, swapped = (places(x, now) for x in (later, imagined, now[:, None].expand_as(later), other))
        moved = mask & ((truth - still).norm(dim=-1) > 0.05)  # 5 mm
        if moved.any():
            found[f"imagined_{name}_mm"] = 1e2 * float((guess - truth).norm(dim=-1)[moved].mean())
            found[f"copied_{name}_mm"] = 1e2 * float((still - truth).norm(dim=-1)[moved].mean())
        found[f"action_moves_{name}_mm"] = 1e2 * float((guess - swapped).norm(dim=-1)[mask].mean())
    return found


def _tools(z: Tensor, now: Tensor) -> Tensor:
    return latent.split(z)[0][..., latent.TOOL]


def _moved(z: Tensor, now: Tensor) -> Tensor:
    """Positions over time of the object that is nearest to the tool now."""
    robot, objects = latent.split(now)
    away = (objects[..., latent.POSITION] - robot[:, None, latent.TOOL]).norm(dim=-1)
    nearest = away.masked_fill(objects[..., latent.CODES].amax(-1) < 0.5, 1e3).argmin(-1)
    tokens = latent.split(z)[1][..., latent.POSITION]  # (B, H, K, 3)
    return tokens.gather(2, nearest[:, None, None, None].expand(-1, tokens.shape[1], 1, 3)).squeeze(2)
