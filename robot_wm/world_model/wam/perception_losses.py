"""Losses of the encoder against labels of objects, arm and cameras. Factors: `LossWeights`."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.camera_geometry import View
from robot_wm.world_model.wam.encoder import SHIFT_M, TURN_RAD, Evidence, Percept, Sight
from robot_wm.world_model.wam.loss_weights import LossWeights

_WEIGHT_MAX = 10.0  # cap on the weight of the position error of an object that is seen well
_CROP_JITTER = 0.03  # half pictures: standard deviation of the crops' offset, similar to the attention's error
_HIDDEN_SHARE = 0.02  # share of labels assumed to be of hidden objects
_BLOB = 0.06  # half pictures: standard deviation of the attention's target


def localisation_losses(
    percept: Percept, table: Float[Tensor, "b q 6"], weights: LossWeights
) -> dict[str, Float[Tensor, ""]]:
    """Compute the losses of a percept against labels; all but the presence loss use present objects only.

    The position error is weighted by the model's own precision, up to a cap, since unbounded weights dominate every
    other loss. The precision is trained by a Laplace likelihood with the position held fixed.

    Args:
        percept: What the encoder found, one entry per name.
        table: Labels per name: present, x, y, z in m, yaw in rad, half width in m.
        weights: Factors of the terms.

    Returns:
        Weighted losses by name.
    """
    there = table[..., 0]
    count = there.sum().clamp(min=1.0)
    error = (percept.position - latent.to_units(table[..., 1:4])).abs().sum(-1)
    log_scale = percept.log_scale.clamp(-4.5, 2.0)
    precision = 2.0 + (-log_scale.detach()).exp().clamp(max=_WEIGHT_MAX)
    likelihood = error.detach() * (-log_scale).exp() + weights.scale_regularizer * log_scale
    scale = (likelihood * there).sum() / count
    position = (error * precision * there).sum() / count
    presence = F.binary_cross_entropy_with_logits(percept.presence, there)
    half_width = ((percept.half_width - table[..., 5] / latent.UNIT_M).abs() * there).sum() / count
    yaw4 = torch.stack([(4 * table[..., 4]).cos(), (4 * table[..., 4]).sin()], dim=-1)
    yaw = ((percept.yaw - yaw4).square().sum(-1) * there).sum() / count
    return {
        "presence": weights.presence * presence,
        "position": weights.position * position,
        "scale": weights.scale * scale,
        "half_width": weights.half_width * half_width,
        "yaw": weights.yaw * yaw,
    }


def camera_losses(
    sight: Sight, table: Float[Tensor, "b q 6"], pose: Float[Tensor, "b 12"], name: str, weights: LossWeights
) -> dict[str, Float[Tensor, ""]]:
    """Compute one camera's losses: its attention, the places of objects and landmarks in its picture, and its pose.

    Objects hidden behind the arm count as well: they have a place in the picture.

    Args:
        sight: The camera's part of the evidence.
        table: Labels per name, as in `localisation_losses`.
        pose: True position in m and rotation matrix of the camera, in the base frame.
        name: The camera's name, a prefix of the losses' names.
        weights: Factors of the terms.

    Returns:
        Weighted losses by name.
    """
    true = _true_view(pose, sight.nominal.tan_half)
    wanted, known = true.project(table[..., 1:4]), true.project(sight.landmarks_m)
    seen, marked = table[..., 0] * _inside(wanted), _inside(known)
    shift, turn = sight.nominal.offset_of(true.position, true.rotation)
    stand = F.l1_loss(sight.shift, shift / SHIFT_M) + F.l1_loss(sight.turn, turn / TURN_RAD)
    landmarks = weights.landmark_attention * _attention(sight.landmark_where, known, marked, sight.grid)
    return {
        f"{name}_attention": weights.attention * _attention(sight.where, wanted, seen, sight.grid),
        f"{name}_landmarks": landmarks + weights.landmark_places * _place_error(sight.landmark_places, known, marked),
        f"{name}_places": weights.places * _place_error(sight.places, wanted, seen),
        f"{name}_stand": weights.stand * stand,
    }


def phrase_loss(evidence: Evidence) -> Float[Tensor, ""]:
    """Compute the error in the colour and kind of each phrase."""
    codes = latent.name_codes().to(evidence.meant.device)
    return _name_error(evidence.meant, codes).mean()


def crops_of_objects(
    table: Float[Tensor, "b q 6"], pose: Float[Tensor, "b 12"], tan_half: float, count: int = 6
) -> tuple[Float[Tensor, "b k 2"], Float[Tensor, "b k c"], Float[Tensor, "b k"]]:
    """Draw crop centres around objects.

    Args:
        table: Labels per name, as in `localisation_losses`.
        pose: True position and rotation of the camera.
        tan_half: Tangent of half the camera's field of view.
        count: Objects per picture.

    Returns:
        Centres in half pictures, the codes of the objects' names, and 1 where an object is in the picture.
    """
    rows = table[..., 0].topk(count, dim=-1).indices
    chosen = table.gather(1, rows[..., None].expand(-1, -1, table.shape[2]))
    places = _true_view(pose, tan_half).project(chosen[..., 1:4])
    codes = latent.name_codes().to(table.device)[rows]
    return places + _CROP_JITTER * torch.randn_like(places), codes, chosen[..., 0] * _inside(places)


def augment_crops(crops: Float[Tensor, "n 3 s s"]) -> Float[Tensor, "n 3 s s"]:
    """Vary brightness and contrast of crops and mirror half of them; none of these changes a name."""
    n, device = (len(crops), 1, 1, 1), crops.device
    mirrored = torch.where(torch.rand(n, device=device) < 0.5, crops.flip(3), crops)
    contrast = 0.9 + 0.2 * torch.rand(n, device=device)
    return mirrored * contrast + 0.1 * torch.randn(n, device=device)


def crop_name_loss(
    named: Float[Tensor, "b k c"], codes: Float[Tensor, "b k c"], there: Float[Tensor, "b k"]
) -> Float[Tensor, ""]:
    """Compute the error in naming what crops show, over the crops that show an object."""
    return (_name_error(named, codes) * there).sum() / there.sum().clamp(min=1.0)


def _name_error(logits: Float[Tensor, "*b c"], codes: Float[Tensor, "*b c"]) -> Float[Tensor, "*b"]:
    """Compute the cross entropy of colour and kind, bounded, since labelled objects may be hidden."""
    pairs = zip(latent.by_part(logits), latent.by_part(codes), strict=True)
    right = [(guess.log_softmax(-1) * wanted).sum(-1) for guess, wanted in pairs]
    return -((1.0 - _HIDDEN_SHARE) * (right[0] + right[1]).exp() + _HIDDEN_SHARE).log()


def _true_view(pose: Float[Tensor, "b 12"], tan_half: float) -> View:
    return View(pose[:, :3], pose[:, 3:].unflatten(1, (3, 3)), tan_half)


def _inside(places: Float[Tensor, "b q 2"]) -> Float[Tensor, "b q"]:
    return (places.abs().amax(-1) < 1.0).float()


def _attention(where: Tensor, wanted: Tensor, seen: Tensor, grid: Tensor) -> Float[Tensor, ""]:
    """Compute the cross entropy of the attention map with a Gaussian at the object's place."""
    blob = (-(wanted[..., None, :] - grid).square().sum(-1) / (2 * _BLOB**2)).softmax(-1)
    return -((blob * where).sum(-1) * seen).sum() / seen.sum().clamp(min=1.0)


def _place_error(places: Tensor, wanted: Tensor, seen: Tensor) -> Float[Tensor, ""]:
    """Compute the mean distance in half pictures, each capped at 0.2 so that missed objects do not dominate."""
    distance = (places - wanted).abs().sum(-1).clamp(max=0.2)
    return (distance * seen).sum() / seen.sum().clamp(min=1.0)
