"""The dynamics tower: predicts the latent after a block of actions.

Shared weights move each object's token, given the robot, the action and a pooled summary of the other objects. Two
heads predict independently; their difference is the model's disagreement. With the action masked it is a video prior.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.encoder import mlp
from robot_wm.world_model.wam.features import PLACED, hand_of, near_and_far, placed

HEADS = 2


@dataclass(frozen=True)
class DynamicsConfig:
    """Sizes of the dynamics tower."""

    hidden: int = 160
    dropout: float = 0.05


class Dynamics(nn.Module):
    """Maps z (B, Z) and a block of actions (B, block * A) to two predictions of the next z (HEADS, B, Z)."""

    def __init__(self, config: DynamicsConfig, action: int, layout: latent.Layout) -> None:
        super().__init__()
        hidden, self.layout = config.hidden, layout
        self.no_action = nn.Parameter(torch.zeros(action))
        self.robot_in = nn.Sequential(nn.Linear(layout.robot + action + 9, hidden), nn.SiLU())
        self.object_in = nn.Linear(latent.OBJECT + PLACED + 9, hidden)
        self.mix = nn.Linear(hidden, hidden)
        self.pool = nn.Linear(hidden, 64)
        self.drop = nn.Dropout(config.dropout)
        self.robot_out = nn.ModuleList(mlp([hidden + 64, hidden, layout.robot]) for _ in range(HEADS))
        self.object_out = nn.ModuleList(mlp([hidden + 64, hidden, latent.OBJECT]) for _ in range(HEADS))
        moves = torch.ones(latent.OBJECT)
        moves[latent.CODES] = 0.0  # names are constant
        moves[0] = 0.0  # so is presence
        self.register_buffer("moves", moves, persistent=False)

    moves: Tensor

    def forward(
        self, z: Float[Tensor, "b z"], action: Float[Tensor, "b a"], masked: Bool[Tensor, " b"] | None = None
    ) -> Float[Tensor, "2 b z"]:
        if masked is not None:
            action = torch.where(masked[:, None], self.no_action.expand_as(action), action)
        robot, objects = latent.split(z)
        hand, sent = hand_of(robot, self.layout), robot[:, latent.SENT]
        h_robot = self.robot_in(torch.cat([robot, action, near_and_far(sent - hand.tool)], dim=-1))
        to_sent = objects[..., latent.POSITION] - sent[:, None]
        h = self.object_in(torch.cat([objects, placed(objects, hand.each()), near_and_far(to_sent)], dim=-1))
        h = F.silu(h + self.mix(h_robot)[:, None])
        around = self.pool(h).amax(1)  # (B, 64)
        may_move = self.moves * objects[..., latent.CODES].amax(-1, keepdim=True)
        h_robot, h = torch.cat([self.drop(h_robot), around], dim=-1), self.drop(h)
        return torch.stack(
            [
                latent.join(robot + to_robot(h_robot), objects + _beside(to_object, h, around) * may_move)
                for to_robot, to_object in zip(self.robot_out, self.object_out, strict=True)
            ]
        )


def _beside(head: nn.Module, h: Float[Tensor, "b k h"], around: Float[Tensor, "b p"]) -> Float[Tensor, "b k o"]:
    """Apply `head`, a perceptron with one hidden layer, to each of k objects `h` concatenated with `around`.

    The contribution of `around` to the first layer is computed once, without copies.
    """
    first, _, last = head.children()
    assert isinstance(first, nn.Linear)
    own, shared = first.weight.split([h.shape[-1], around.shape[-1]], dim=1)
    return last(F.silu(F.linear(h, own) + F.linear(around, shared, first.bias)[:, None]))
