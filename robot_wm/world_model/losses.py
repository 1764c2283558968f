"""The WAM's losses, each a function of tensors; `WAM.losses` says which are summed. Masks: 1 where a value counts."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model import latent


def laplace_nll(
    mean: Float[Tensor, "b t a"],
    log_scale: Float[Tensor, "b t a"],
    wanted: Float[Tensor, "b t a"],
    mask: Float[Tensor, "b t"],
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """L1 of the mean, and the Laplace likelihood of the scale with the mean held still.

    Apart, so that easy dimensions do not starve hard ones of gradient, as a joint likelihood lets them.
    """
    error = (mean - wanted).abs()
    count = mask.sum().clamp(min=1.0) * mean.shape[-1]
    scale = error.detach() * (-log_scale).exp() + log_scale
    return (error * mask[..., None]).sum() / count, (scale * mask[..., None]).sum() / count


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
    robot[..., : latent.STATE], robot[..., latent.STATE :] = 1.0, 0.2
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
