"""The WAM's losses, each a function of tensors; `WAM.losses` says which are summed. Masks: 1 where a value counts."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.heads import Ways

_APART = 0.02  # mean error of a chunk, in half ranges of the actions, by which two ways are told apart
_SPARED = 0.05  # share of the gradient that goes to all ways alike


def mixture_losses(
    ways: Ways, wanted: Float[Tensor, "b t a"], mask: Float[Tensor, "b t"]
) -> dict[str, Float[Tensor, ""]]:
    """What teaches k ways to cover what is wanted: L1 of the mean of the way that fits, its choice, and its scale.

    Which way fits is settled by its error and its probability (the E step of a mixture); all ways learn a little, so
    that none dies. Scales are learned by a Laplace likelihood with the mean held still: easy dimensions would
    otherwise starve hard ones of gradient.
    """
    error = (ways.mean - wanted[:, None]).abs() * mask[:, None, :, None]  # (B, K, T, A)
    numbers = mask.sum(-1).clamp(min=1.0) * wanted.shape[-1]  # (B,) that count in each chunk
    of_way = error.sum((2, 3))  # (B, K)
    log_choice = ways.logit.log_softmax(-1)
    fit = (log_choice - of_way / numbers[:, None] / _APART).detach().softmax(-1)
    share = (1.0 - _SPARED) * fit + _SPARED / fit.shape[1]
    count = mask.sum().clamp(min=1.0) * wanted.shape[-1]
    spread = (error.detach() * (-ways.log_scale).exp() + ways.log_scale) * mask[:, None, :, None]
    counts = (mask.sum(-1) > 0).float()
    chosen = -(fit * log_choice).sum(-1) * counts
    return {
        "mean": (share * of_way).sum() / count,
        "choice": chosen.sum() / counts.sum().clamp(min=1.0),
        "scale": (fit * spread.sum((2, 3))).sum() / count,
    }


def dynamics_loss(
    opinions: Float[Tensor, "2 b h z"],
    target: Float[Tensor, "b h z"],
    spread: Float[Tensor, " z"],
    mask: Float[Tensor, "b h"],
    noise: Float[Tensor, "b h z"],
) -> Float[Tensor, ""]:
    """Huber loss in units of how much each number usually changes, so that a small moving thing counts.

    `noise` is how well the target itself is known: error below that is no error of the dynamics.
    """
    error = F.huber_loss(opinions / spread, (target / spread).expand_as(opinions), reduction="none", delta=1.0)
    weight = mask[..., None] * latent_weights(target) / (1.0 + (noise / spread).square())
    return (error * weight).sum() / (weight.sum().clamp(min=1.0) * opinions.shape[0])


def latent_weights(z: Float[Tensor, "b h z"]) -> Float[Tensor, "b h z"]:
    """How much each number of a latent counts: what is measured more than what is learned, empty slots nothing."""
    robot, objects = latent.split(torch.zeros_like(z))
    robot[...] = 1.0
    robot[..., latent.LEARNED] = 0.2
    filled = latent.split(z)[1][..., latent.CODES].amax(-1, keepdim=True)
    objects = objects.clone()
    objects[..., latent.POSITION] = 3.0
    objects[..., latent.POSITION.stop : latent.PHYSICAL] = 0.2
    objects[..., latent.CODES.stop :] = 0.2
    return latent.join(robot, objects * filled)


def measured_noise(z: Float[Tensor, "b h z"]) -> Float[Tensor, "b h z"]:
    """How well the encoder knows each number: the objects' own expected position errors; 0 for the rest."""
    robot, objects = latent.split(torch.zeros_like(z))
    objects = objects.clone()
    scale = latent.split(z)[1][..., 4:5].clamp(-4.5, 2.0).exp()
    objects[..., latent.POSITION] = scale.expand(*scale.shape[:-1], 3)
    return latent.join(robot, objects)


def sigreg(x: Float[Tensor, "n f"], directions: int = 64, knots: int = 17) -> Float[Tensor, ""]:
    """Distance of random 1-D projections of x from a standard Gaussian, by their characteristic functions (LeJEPA).

    In fp32: bf16 gives NaN.
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.float()
        slices = F.normalize(torch.randn(x.shape[1], directions, device=x.device), dim=0)
        t = torch.linspace(-3.0, 3.0, knots, device=x.device)
        angles = (x @ slices)[..., None] * t  # (N, S, T)
        real, imaginary = angles.cos().mean(0), angles.sin().mean(0)
        gap = (real - (-0.5 * t.square()).exp()).square() + imaginary.square()
        return torch.trapezoid(gap * (-0.5 * t.square()).exp(), t, dim=-1).mean()


def picture_loss(
    out: dict[str, Tensor], code: Float[Tensor, "b g"], objects: Float[Tensor, "b k o"], mask: Tensor
) -> Tensor:
    """Of a goal picture: which skill, direction, object and target lead there. `mask` (B,): 1 where it was reached."""
    count = mask.sum().clamp(min=1.0)
    skill = F.cross_entropy(out["skill"], code[:, latent.GOAL_SKILL].argmax(-1), reduction="none")
    way = code[:, latent.GOAL_DIRECTION]
    direction = (out["direction"] - way).square().sum(-1) * way.square().sum(-1)
    loss = ((skill + direction) * mask).sum() / count
    for name, part in (("object", latent.GOAL_OBJECT), ("target", latent.GOAL_TARGET)):
        fits = (objects[..., latent.CODES] * code[:, None, part]).sum(-1) > 1.5  # (B, K)
        known = fits.any(-1).float() * mask
        per = F.cross_entropy(out[name], fits.float().argmax(-1), reduction="none")
        loss = loss + (per * known).sum() / known.sum().clamp(min=1.0)
    return loss
