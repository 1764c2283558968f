"""What teaches the encoder to see: the simulator's labels of where things, the arm and the cameras are."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.camera_geometry import View
from robot_wm.world_model.wam.encoder import SHIFT_M, TURN_RAD, Evidence, Percept, Sight

_WELL = 10.0  # most that a thing counts for being seen well
_LOOSE = 0.03  # half pictures: how far off the attention may be when names are taught
_HIDDEN = 0.02  # share of labels that are taken to be of what cannot be seen
_BLOB = 0.06  # standard deviation of what the attention shall look like, half pictures


def grounding_loss(percept: Percept, table: Float[Tensor, "b q 6"]) -> dict[str, Float[Tensor, ""]]:
    """Losses of a percept against the simulator's labels (rows: present, x, y, z, yaw, half width; SI units).

    Position: what is seen well counts more, up to a bound, for unbounded weights drown every other loss; beside it the
    likelihood of a Laplace distribution, which teaches the scale alone: how well the model sees. Only of things that
    are there, as are size and yaw.
    """
    there = table[..., 0]
    count = there.sum().clamp(min=1.0)
    error = (percept.position - latent.to_units(table[..., 1:4])).abs().sum(-1)
    log_scale = percept.log_scale.clamp(-4.5, 2.0)
    weight = 2.0 + (-log_scale.detach()).exp().clamp(max=_WELL)
    scale = ((error.detach() * (-log_scale).exp() + 3.0 * log_scale) * there).sum() / count
    position = (error * weight * there).sum() / count
    presence = F.binary_cross_entropy_with_logits(percept.presence, there)
    half_width = ((percept.half_width - table[..., 5] / latent.UNIT_M).abs() * there).sum() / count
    yaw4 = torch.stack([(4 * table[..., 4]).cos(), (4 * table[..., 4]).sin()], dim=-1)
    yaw = ((percept.yaw - yaw4).square().sum(-1) * there).sum() / count
    return {
        "presence": 5.0 * presence,
        "position": position,
        "scale": 0.3 * scale,
        "half_width": half_width,
        "yaw": 0.2 * yaw,
    }


def sight_losses(
    sight: Sight, table: Float[Tensor, "b q 6"], pose: Float[Tensor, "b 12"], name: str
) -> dict[str, Float[Tensor, ""]]:
    """Where one camera's attention shall be, where exactly things and landmarks are, and how the camera stands.

    `pose` is the camera's true position and rotation. Things hidden behind the arm count as well: they are somewhere.
    """
    true = _true_view(pose, sight.nominal.tan_half)
    wanted, known = true.project(table[..., 1:4]), true.project(sight.landmarks_m)
    seen, marked = table[..., 0] * _inside(wanted), _inside(known)
    shift, turn = sight.nominal.offset_of(true.position, true.rotation)
    stand = F.l1_loss(sight.shift, shift / SHIFT_M) + F.l1_loss(sight.turn, turn / TURN_RAD)
    return {
        f"{name}_attention": 0.5 * _attention(sight.where, wanted, seen, sight.grid),
        f"{name}_landmarks": 0.2 * _attention(sight.landmark_where, known, marked, sight.grid)
        + 5.0 * _miss(sight.landmark_places, known, marked),
        f"{name}_places": 10.0 * _miss(sight.places, wanted, seen),
        f"{name}_stand": stand,
    }


def meaning_loss(evidence: Evidence) -> dict[str, Tensor]:
    """Colour and kind of what each phrase asks for."""
    codes = latent.name_codes().to(evidence.meant.device)
    return {"meant": 0.3 * _misnamed(evidence.meant, codes).mean()}


def windows_of_things(
    table: Float[Tensor, "b q 6"], pose: Float[Tensor, "b 12"], tan_half: float, count: int = 6
) -> tuple[Float[Tensor, "b k 2"], Float[Tensor, "b k c"], Float[Tensor, "b k"]]:
    """Places near where `count` of the things are in a picture, their names' codes, and which are really there."""
    rows = table[..., 0].topk(count, dim=-1).indices
    chosen = table.gather(1, rows[..., None].expand(-1, -1, table.shape[2]))
    places = _true_view(pose, tan_half).project(chosen[..., 1:4])
    return places + _LOOSE * torch.randn_like(places), latent.name_codes()[rows], chosen[..., 0] * _inside(places)


def varied(windows: Float[Tensor, "n 3 s s"]) -> Float[Tensor, "n 3 s s"]:
    """Windows in other lights, and half of them mirrored: neither changes a name."""
    n = (len(windows), 1, 1, 1)
    mirrored = torch.where(torch.rand(n) < 0.5, windows.flip(3), windows)
    return mirrored * (0.9 + 0.2 * torch.rand(n)) + 0.1 * torch.randn(n)


def window_loss(
    named: Float[Tensor, "b k c"], codes: Float[Tensor, "b k c"], there: Float[Tensor, "b k"]
) -> Float[Tensor, ""]:
    """Of windows around things: are they called by their names?"""
    return (_misnamed(named, codes) * there).sum() / there.sum().clamp(min=1.0)


def _misnamed(logits: Float[Tensor, "*b c"], codes: Float[Tensor, "*b c"]) -> Float[Tensor, "*b"]:
    """Cross entropy of the name, bounded: a label may be of something that is hidden."""
    pairs = zip(latent.by_part(logits), latent.by_part(codes), strict=True)
    right = [(guess.log_softmax(-1) * wanted).sum(-1) for guess, wanted in pairs]
    return -((1.0 - _HIDDEN) * (right[0] + right[1]).exp() + _HIDDEN).log()


def _true_view(pose: Float[Tensor, "b 12"], tan_half: float) -> View:
    return View(pose[:, :3], pose[:, 3:].unflatten(1, (3, 3)), tan_half)


def _inside(places: Float[Tensor, "b q 2"]) -> Float[Tensor, "b q"]:
    return (places.abs().amax(-1) < 1.0).float()


def _attention(where: Tensor, wanted: Tensor, seen: Tensor, grid: Tensor) -> Float[Tensor, ""]:
    """Cross entropy of the map with a blob where the thing is."""
    blob = (-(wanted[..., None, :] - grid).square().sum(-1) / (2 * _BLOB**2)).softmax(-1)
    return -((blob * where).sum(-1) * seen).sum() / seen.sum().clamp(min=1.0)


def _miss(places: Tensor, wanted: Tensor, seen: Tensor) -> Float[Tensor, ""]:
    """Mean distance in half pictures, each at most a fifth: what is not found yet shall not drown the rest."""
    distance = (places - wanted).abs().sum(-1).clamp(max=0.2)
    return (distance * seen).sum() / seen.sum().clamp(min=1.0)
