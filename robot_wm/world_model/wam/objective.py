"""The WAM's training objective: the weighted losses of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.world_model.wam import latent, losses
from robot_wm.world_model.wam.encoder import Evidence, Percept
from robot_wm.world_model.wam.loss_weights import LossWeights
from robot_wm.world_model.wam.model import SPREAD_MIN, WAM
from robot_wm.world_model.wam.perception_losses import (
    augment_crops,
    camera_losses,
    crop_name_loss,
    crops_of_objects,
    localisation_losses,
    phrase_loss,
)

_PER_FRAME = ("overview", "wrist", "state", "table", "poses")
_DECODED = 6  # pictures per batch that train the decoder
_MASKED_SHARE = 0.15  # share of windows with masked actions, on which the dynamics learns a video prior
_SPREAD_RATE = 0.01  # of the exponential average

Parts = dict[str, Tensor]


@dataclass(frozen=True)
class Objective:
    """Computes the losses of one model.

    The frames of a window are: first of its segment, last of its segment, then t, t + block, t + 2 block, ...
    """

    model: WAM
    weights: LossWeights = field(default_factory=LossWeights)

    def __call__(self, batch: Mapping[str, Tensor]) -> tuple[Parts, Float[Tensor, "b f z"]]:
        """Compute all losses that a batch has data for (see `robot_wm.world_model.wam.batches`).

        Args:
            batch: Pictures of windows (trains everything; without actions, the encoder and decoder only; without
                wrist pictures, the crop head only), or cached latents `z` (trains all but encoder and decoder).

        Returns:
            The weighted losses by name, and the latents of the batch's frames.
        """
        if "z" in batch:
            parts, z = {}, batch["z"]
        elif "wrist" not in batch:
            return self._name(batch)
        else:
            parts, z = self._see(batch)
        if "executed" in batch:
            parts |= self._imagine(batch, z) | self._act(batch, z) | self._aim(batch, z)
        return parts, z

    def _see(self, batch: Mapping[str, Tensor]) -> tuple[Parts, Tensor]:
        encoder = self.model.encoder
        b, f = batch["state"].shape[:2]
        flat = {key: value.flatten(0, 1) for key, value in batch.items() if key in _PER_FRAME}
        percept, evidence = encoder.perceive(flat["overview"], flat["wrist"], flat["state"], batch["phrases"])
        slots = batch["slots"].repeat_interleave(f, 0)
        z = encoder.latent(percept.take(slots), flat["state"], slots)
        parts = {"sigreg": self.weights.sigreg * losses.sigreg(percept.scene)}
        if "table" in flat:
            parts |= self._locate(percept, evidence, flat)
        few = slice(None, None, max(1, len(z) // _DECODED))
        picture = flat["overview"][few].permute(0, 3, 1, 2).float() / 255.0
        parts["decoder"] = self.weights.decoder * F.l1_loss(self.model.decoder(z[few].detach()), picture)
        return parts, z.unflatten(0, (b, f))

    def _name(self, batch: Mapping[str, Tensor]) -> tuple[Parts, Tensor]:
        """Classify crops: cheap and done often, since a cube's corners are only a pixel or two wide."""
        overview, table, poses = (batch[key].flatten(0, 1) for key in ("overview", "table", "poses"))
        places, codes, present = crops_of_objects(table, poses[:, 0], self.model.config.fixed_camera.tan_half)
        crops, _ = self.model.encoder.glimpse.windows(overview, places)
        crops = augment_crops(crops) if self.model.training else crops
        named = self.model.encoder.glimpse.name(crops).float().unflatten(0, present.shape)
        parts = {"named": self.weights.named * crop_name_loss(named, codes, present)}
        return parts, table.new_zeros(*batch["table"].shape[:2], self.model.layout.z)

    def _locate(self, percept: Percept, evidence: Evidence, flat: Mapping[str, Tensor]) -> Parts:
        """Compute the losses that need labels."""
        table, w = flat["table"], self.weights
        parts = localisation_losses(percept, table, w) | {"meant": w.meant * phrase_loss(evidence)}
        if "poses" in flat:
            overview, wrist = flat["poses"].unbind(1)
            parts |= camera_losses(evidence.overview, table, overview, "overview", w)
            parts |= camera_losses(evidence.wrist, table, wrist, "wrist", w)
        learned = percept.learned[table[..., 0] > 0.5]
        return parts | {"sigreg_objects": w.sigreg_objects * losses.sigreg(learned)}

    def _imagine(self, batch: Mapping[str, Tensor], z: Float[Tensor, "b f z"]) -> Parts:
        """Compute the dynamics loss; targets are detached, so that the encoder is not drawn to what is predictable."""
        model = self.model
        now, later = z[:, 2], z[:, 3:].detach()
        masked = torch.rand(len(now), device=now.device) < _MASKED_SHARE
        unknown = masked | (batch["has_action"] < 0.5)
        predictions = model.roll_out(now, model.squash(batch["executed"]), unknown)
        if model.training:
            _update_spread(model.spread, (z[:, 3] - now).detach())
        spread = model.spread.clamp(min=SPREAD_MIN)
        mask = batch["frame_mask"][:, 3:] * (1.0 - (1.0 - self.weights.masked_dynamics) * masked.float())[:, None]
        loss = losses.dynamics_loss(predictions, later, spread, mask, losses.measured_noise(later))
        return {"dynamics": self.weights.dynamics * loss}

    def _act(self, batch: Mapping[str, Tensor], z: Float[Tensor, "b f z"]) -> Parts:
        """Compute the losses of imitation, inverse model and predicted steps left."""
        model, w = self.model, self.weights
        with torch.no_grad():  # as during control, the goal is set at the segment's first frame and then fixed
            goal = model.goals.text(z[:, 0], batch["code"])
        mask = batch["expert_mask"] * batch["has_action"][:, None]
        act = losses.mixture_losses(model.action(z[:, 2], goal), model.squash(batch["expert"]), mask)
        logits = model.steps(z[:, 2], goal)
        return {
            "act": w.act * act["mean"],
            "act_choice": w.act_choice * act["choice"],
            "act_scale": w.act_scale * act["scale"],
            "inverse": w.inverse * self._inverse(batch, z, goal),
            "steps": w.steps * model.steps.loss(logits, batch["steps"], batch["steps_mask"]),
        }

    def _inverse(self, batch: Mapping[str, Tensor], z: Tensor, goal: Tensor) -> Float[Tensor, ""]:
        """Compute the inverse-model loss: the actions from t to t + block, with the goal masked."""
        block = self.model.block
        every = torch.ones(len(z), dtype=torch.bool, device=z.device)
        modes = self.model.action(z[:, 2], goal, z[:, 3], goal_masked=every).first(block)
        mask = (batch["frame_mask"][:, 3] * batch["has_action"])[:, None].expand(-1, block)
        found = losses.mixture_losses(modes, self.model.squash(batch["executed"][:, :block]), mask)
        return found["mean"] + self.weights.inverse_choice * found["choice"]

    def _aim(self, batch: Mapping[str, Tensor], z: Float[Tensor, "b f z"]) -> Parts:
        """Compute the losses of goals from text (final object position) and from the segment's last picture."""
        start, end, achieved = z[:, 0].detach(), z[:, 1].detach(), batch["achieved"]
        point = self.model.goals.text(start, achieved)
        thing = latent.pick(latent.split(end)[1], achieved[:, latent.GOAL_OBJECT])
        has = thing[:, latent.CODES].amax(-1) * batch["reached"]
        error = (point[:, latent.GOAL_WANTED] - thing[:, latent.POSITION]).abs().sum(-1)
        wanted = (error * has).sum() / has.sum().clamp(min=1.0)
        out = self.model.goals.picture(start, end)
        picture = losses.picture_loss(out, achieved, latent.split(start)[1], batch["reached"])
        return {"wanted": self.weights.wanted * wanted, "picture": self.weights.picture * picture}


@torch.no_grad()
def _update_spread(spread: Float[Tensor, " z"], change: Float[Tensor, "b z"]) -> None:
    """Update, in place, the exponential average of each component's change in a block."""
    spread.mul_(1.0 - _SPREAD_RATE).add_(_SPREAD_RATE * change.square().mean(0).sqrt())
