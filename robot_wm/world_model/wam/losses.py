"""The WAM's losses, each a function of tensors; `objective` weights and sums them. Masks: 1 where a value counts."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.heads import ActionMixture

_TEMPERATURE = 0.02  # of the modes' responsibilities, in units of a chunk's mean error (half action ranges)
_SHARED = 0.05  # share of the gradient that is spread over all modes


def mixture_losses(
    mixture: ActionMixture, wanted: Float[Tensor, "b t a"], mask: Float[Tensor, "b t"]
) -> dict[str, Float[Tensor, ""]]:
    """Fit a mixture of k action chunks by one step of expectation maximisation.

    A mode's responsibility follows from its error and its probability. Every mode receives a small gradient from every
    sample, so that none collapses (relaxed winner-takes-all, Rupprecht et al. 2017). Scales are trained by a Laplace
    likelihood with the mean held fixed; otherwise easy dimensions would take the gradient from hard ones.

    Args:
        mixture: Means, scales and logits of k modes.
        wanted: The actions to cover, in [-1, 1].
        mask: 1 where an action counts.

    Returns:
        "mean": L1 error of the responsible modes; "choice": cross entropy of the modes' probabilities with the
        responsibilities; "scale": negative log-likelihood of the scales.
    """
    error = (mixture.mean - wanted[:, None]).abs() * mask[:, None, :, None]  # (B, K, T, A)
    numbers = mask.sum(-1).clamp(min=1.0) * wanted.shape[-1]  # (B,) components that count in each chunk
    of_mode = error.sum((2, 3))  # (B, K)
    log_choice = mixture.logit.log_softmax(-1)
    fit = (log_choice - of_mode / numbers[:, None] / _TEMPERATURE).detach().softmax(-1)
    share = (1.0 - _SHARED) * fit + _SHARED / fit.shape[1]
    count = mask.sum().clamp(min=1.0) * wanted.shape[-1]
    spread = (error.detach() * (-mixture.log_scale).exp() + mixture.log_scale) * mask[:, None, :, None]
    counts = (mask.sum(-1) > 0).float()
    chosen = -(fit * log_choice).sum(-1) * counts
    return {
        "mean": (share * of_mode).sum() / count,
        "choice": chosen.sum() / counts.sum().clamp(min=1.0),
        "scale": (fit * spread.sum((2, 3))).sum() / count,
    }


def dynamics_loss(
    predictions: Float[Tensor, "2 b h z"],
    target: Float[Tensor, "b h z"],
    spread: Float[Tensor, " z"],
    mask: Float[Tensor, "b h"],
    noise: Float[Tensor, "b h z"],
) -> Float[Tensor, ""]:
    """Compute the Huber loss of imagined latents, in units of each component's typical change in a block.

    Args:
        predictions: Imagined latents of both heads.
        target: Latents of the frames that followed.
        spread: Typical change of each component in a block.
        mask: Weight of each step of the imagination.
        noise: Standard deviation of the target's own error; errors below it count less.

    Returns:
        The weighted mean.
    """
    error = F.huber_loss(predictions / spread, (target / spread).expand_as(predictions), reduction="none", delta=1.0)
    weight = mask[..., None] * latent_weights(target) / (1.0 + (noise / spread).square())
    return (error * weight).sum() / (weight.sum().clamp(min=1.0) * predictions.shape[0])


def latent_weights(z: Float[Tensor, "b h z"]) -> Float[Tensor, "b h z"]:
    """Return the weight of each component of a latent: physical ones count more than learned ones, empty slots 0.

    These weights also define the disagreement at control time, so they belong to the model and not to `LossWeights`.
    """
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
    """Return the encoder's expected error of each component: that of object positions, 0 for the others."""
    robot, objects = latent.split(torch.zeros_like(z))
    objects = objects.clone()
    scale = latent.split(z)[1][..., 4:5].clamp(-4.5, 2.0).exp()
    objects[..., latent.POSITION] = scale.expand(*scale.shape[:-1], 3)
    return latent.join(robot, objects)


def sigreg(x: Float[Tensor, "n f"], directions: int = 64, knots: int = 17) -> Float[Tensor, ""]:
    """Compute the distance of random 1-D projections of x from a standard Gaussian, by characteristic functions.

    SIGReg of LeJEPA (Balestriero and LeCun 2025), with the Epps-Pulley statistic. In fp32, since bf16 gives NaN.

    Args:
        x: Samples by features.
        directions: Number of random projections.
        knots: Number of integration points in [-3, 3].

    Returns:
        The mean distance over the projections.
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
    """Compute the error in reading a goal picture: skill, direction, object and target.

    Args:
        out: Logits of `GoalHead.picture`.
        code: The task that leads to the picture.
        objects: The object slots now.
        mask: (b,) 1 where the task was achieved.

    Returns:
        The sum of the cross entropies and the squared error of the direction.
    """
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
