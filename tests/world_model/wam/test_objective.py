"""Laws of the WAM's losses: which train what, and that their values stay."""

import zlib

import pytest
import torch

from robot_wm.world_model.wam.loss_weights import LossWeights
from robot_wm.world_model.wam.objective import Objective
from tests.world_model.toy import batch, tiny_wam

EXPECTED = {
    "joint": {
        "sigreg": 0.04019833,
        "presence": 3.38626,
        "position": 14.9301,
        "scale": 1.50099,
        "half_width": 0.1116005,
        "yaw": 0.2399415,
        "meant": 0.8640525,
        "overview_attention": 2.079816,
        "overview_landmarks": 1.831751,
        "overview_places": 1.993409,
        "overview_stand": 68.06541,
        "wrist_attention": 2.079461,
        "wrist_landmarks": 1.782815,
        "wrist_places": 1.999058,
        "wrist_stand": 71.80226,
        "sigreg_objects": 0.04044366,
        "decoder": 1.006361,
        "dynamics": 0.394254,
        "act": 0.4058082,
        "act_choice": 0.08804556,
        "act_scale": 0.03997281,
        "inverse": 0.2498025,
        "steps": 0.729459,
        "wanted": 1.1915,
        "picture": 0.8675379,
    },
    "towers": {
        "dynamics": 0.3891237,
        "act": 0.4058082,
        "act_choice": 0.08804556,
        "act_scale": 0.03997281,
        "inverse": 0.2498025,
        "steps": 0.729459,
        "wanted": 1.1915,
        "picture": 0.8675379,
    },
    "name": {
        "named": 2.749032,
    },
}  # of the model below, with the weights that trained the shipped checkpoint


def total(parts: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.stack(list(parts.values())).sum()


def test_every_loss_falls_when_a_batch_is_learned_by_heart() -> None:
    model, data = tiny_wam(), batch()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    seen = []
    for step in range(15):
        torch.manual_seed(step % 2)
        parts, _ = Objective(model)(data)
        optimizer.zero_grad()
        total(parts).backward()
        optimizer.step()
        seen.append({name: part.item() for name, part in parts.items()})
    for name in ("presence", "position", "act", "inverse", "steps", "wanted", "decoder"):
        assert seen[-1][name] < seen[0][name], name


def test_clips_without_actions_train_all_but_the_action_side() -> None:
    model, data = tiny_wam(), batch()
    data["has_action"] = torch.zeros(len(data["has_action"]))
    parts, _ = Objective(model)(data)
    assert parts["act"] == 0 and parts["inverse"] == 0
    total(parts).backward()
    assert all(p.grad is None or p.grad.abs().sum() == 0 for p in model.action.parameters())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.dynamics.robot_out.parameters())


def test_the_decoder_leaves_the_latent_alone() -> None:
    model, data = tiny_wam(), batch()
    parts, _ = Objective(model)(data)
    parts["decoder"].backward()
    assert all(p.grad is None or p.grad.abs().sum() == 0 for p in model.encoder.parameters())


def set_weights_by_name(model: torch.nn.Module) -> None:
    """Weights that depend on their names only, whatever the order in which layers are made."""
    with torch.no_grad():
        for name, each in model.named_parameters():
            generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
            each.copy_(0.1 * torch.randn(each.shape, generator=generator))


def losses_by_kind(weights: LossWeights) -> dict[str, dict[str, float]]:
    """Losses of a fixed batch in each of its forms: with pictures, with latents, with labelled pictures alone."""
    model = tiny_wam().eval()
    set_weights_by_name(model)
    full = batch(4, 2, seed=1)
    above = torch.cat([torch.tensor([0.22, 0.22, 0.6]), torch.eye(3).flatten()])  # everything is in the picture
    full["poses"] = above.expand(4, 5, 2, -1)
    _, z = Objective(model)(full)
    forms = {
        "joint": full,
        "towers": {key: full[key] for key in full if key not in ("overview", "wrist")} | {"z": z.detach()},
        "name": {key: full[key] for key in ("overview", "table", "poses")},
    }
    found = {}
    for kind, each in forms.items():
        torch.manual_seed(0)
        found[kind] = {name: part.item() for name, part in Objective(model, weights)(each)[0].items()}
    return found


def test_the_losses_of_a_fixed_batch_stay() -> None:
    found = losses_by_kind(LossWeights())
    assert {kind: list(parts) for kind, parts in found.items()} == {k: list(parts) for k, parts in EXPECTED.items()}
    for kind, parts in found.items():
        assert parts == pytest.approx(EXPECTED[kind], rel=1e-4), kind


def test_a_loss_is_proportional_to_its_weight() -> None:
    found = losses_by_kind(LossWeights(decoder=8.0, attention=0.0, wanted=0.05, named=3.0))
    assert found["joint"]["decoder"] == pytest.approx(2.0 * EXPECTED["joint"]["decoder"], rel=1e-4)
    assert found["joint"]["overview_attention"] == found["joint"]["wrist_attention"] == 0.0
    assert found["towers"]["wanted"] == pytest.approx(0.1 * EXPECTED["towers"]["wanted"], rel=1e-4)
    assert found["name"]["named"] == pytest.approx(3.0 * EXPECTED["name"]["named"], rel=1e-4)
    assert found["joint"]["act"] == pytest.approx(EXPECTED["joint"]["act"], rel=1e-4)
