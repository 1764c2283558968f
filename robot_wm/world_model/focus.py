"""What the towers see of a latent under a goal: geometry as offsets, so that skills carry over places on the table.

Offsets are given at three scales, so that contact is resolved, and in two frames: the base, in which actions are, and
the hand, in which grasps are alike.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.actions import STATE_NAMES
from robot_wm.tasks import SKILLS
from robot_wm.world_model import latent

_TURNS = (-1.0, 0.0, 0.0, 0.0, 1.0)  # how each joint turns a hand that points down about base z: pan, ..., roll
HOME = latent.GOAL_SKILL.start + SKILLS.index("home")
_SENT_YAW = slice(STATE_NAMES.index("sent_sin_2yaw"), STATE_NAMES.index("sent_sin_2yaw") + 2)
_YAW4 = slice(6, 8)  # of an object token: cos, sin of 4 yaw

PLACED = 9 + 9 + 2  # of `placed`
FOCUS = latent.ROBOT + 2 * latent.OBJECT + latent.G + 2 * PLACED + 5 * 9 + 15 + 5 + 2 * (9 + latent.PHYSICAL)


@dataclass(frozen=True)
class Hand:
    """Where the hand is and which way the jaws open; batch dimensions b."""

    tool: Float[Tensor, "*b 3"]
    heading: Float[Tensor, "*b"]  # rad; unlike the yaw it tells the fixed finger from the moving one


def hand_of(robot: Float[Tensor, "*b r"]) -> Hand:
    """The hand of a robot token."""
    return Hand(robot[..., latent.TOOL], robot[..., latent.JOINTS] @ robot.new_tensor(_TURNS))


def near_and_far(offset: Float[Tensor, "*b n"]) -> Float[Tensor, "*b 3*n"]:
    """An offset at three scales: plain, and squashed at 5 cm and 1 cm so that contact is resolved."""
    return torch.cat([offset, torch.tanh(offset * 2.0), torch.tanh(offset * 10.0)], dim=-1)


def placed(objects: Float[Tensor, "*b o"], hand: Hand) -> Float[Tensor, "*b 20"]:
    """Where things are from the hand, in the base's frame and in the hand's, and how their sides are turned to it."""
    offset = objects[..., latent.POSITION] - hand.tool
    cos, sin = hand.heading.cos(), hand.heading.sin()
    x, y, z = offset.unbind(-1)
    held = torch.stack([x * cos + y * sin, y * cos - x * sin, z], dim=-1)
    cos4, sin4 = (4.0 * hand.heading).cos(), (4.0 * hand.heading).sin()
    c, s = objects[..., _YAW4].unbind(-1)
    turned = torch.stack([c * cos4 + s * sin4, s * cos4 - c * sin4], dim=-1)
    return torch.cat([near_and_far(offset), near_and_far(held), turned], dim=-1)


def focus(z: Float[Tensor, "b z"], goal: Float[Tensor, "b g"]) -> Float[Tensor, "b f"]:
    """Features of a latent under a goal: the robot, what is acted on, where it shall be, what is around."""
    robot, objects = latent.split(z)
    hand = hand_of(robot)
    thing, target = latent.pick(objects, goal[:, latent.GOAL_OBJECT]), latent.pick(objects, goal[:, latent.GOAL_TARGET])
    has_thing, has_target = (each[:, latent.CODES].sum(-1, keepdim=True).clamp(max=1.0) for each in (thing, target))
    is_home = goal[:, HOME, None]
    at, wanted = thing[:, latent.POSITION], goal[:, latent.GOAL_WANTED]
    geometry = [
        placed(thing, hand) * has_thing,
        placed(target, hand) * has_target,
        near_and_far((target[:, latent.POSITION] - at) * has_thing * has_target),
        near_and_far((wanted - at) * has_thing),
        near_and_far((wanted - hand.tool) * (has_thing + is_home).clamp(max=1.0)),
        near_and_far(robot[:, latent.SENT] - hand.tool),
        near_and_far(robot[:, latent.SENT] - at) * has_thing,
        near_and_far((goal[:, latent.GOAL_JOINTS] - robot[:, latent.JOINTS]) * is_home),
        _directions(robot, hand),
    ]
    around = _neighbours(objects, thing, target, hand)
    return torch.cat([robot, thing, target, goal, *geometry, around], dim=-1)


def _directions(robot: Float[Tensor, "b r"], hand: Hand) -> Float[Tensor, "b 5"]:
    """The heading, and how far the command has turned on from it."""
    cos, sin = hand.heading.cos(), hand.heading.sin()
    sin2, cos2 = robot[:, _SENT_YAW].unbind(-1)
    ahead = sin2 * (2.0 * hand.heading).cos() - cos2 * (2.0 * hand.heading).sin()
    return torch.cat([torch.stack([cos, sin], dim=-1), near_and_far(ahead[:, None])], dim=-1)


def _neighbours(objects: Tensor, thing: Tensor, target: Tensor, hand: Hand) -> Float[Tensor, "b n"]:
    """The two things nearest to the tool that the goal does not name: offset at three scales and the physical part."""
    named = torch.stack([thing, target], dim=1)[..., latent.CODES]
    same = torch.einsum("bkc,bnc->bkn", objects[..., latent.CODES], named).amax(-1) > 1.5
    absent = (objects[..., latent.CODES].amax(-1) < 0.5) | same
    offset = objects[..., latent.POSITION] - hand.tool[:, None]
    distance = offset[..., :2].norm(dim=-1).masked_fill(absent, 10.0)
    order = distance.topk(2, dim=-1, largest=False)
    near = (order.values < 9.0).float().unsqueeze(-1)
    rows = order.indices.unsqueeze(-1)
    physical = objects[..., : latent.PHYSICAL].gather(1, rows.expand(-1, -1, latent.PHYSICAL)) * near
    chosen = near_and_far(offset.gather(1, rows.expand(-1, -1, 3))) * near
    return torch.cat([chosen, physical], dim=-1).flatten(1)
