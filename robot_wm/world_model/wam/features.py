"""Features of a latent under a goal: geometry as offsets, so that skills transfer across positions on the table.

Offsets are given at three scales, to resolve contact, and in two frames: the base frame, in which actions are
expressed, and the hand frame, in which grasps look alike.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm import goals
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.latent import Layout

_PAN, _ROLL = 0, 4  # joints that rotate a hand that points down about base z
HOME = latent.GOAL_SKILL.start + goals.SKILLS.index(goals.HOME.name)
_NAMED = slice(latent.GOAL_OBJECT.start, latent.GOAL_TARGET.stop)  # codes of the object and its target
_YAW4 = slice(6, 8)  # of an object token: cos, sin of 4 yaw

PLACED = 9 + 9 + 2  # of `placed`


def focus_size(layout: Layout) -> int:
    """Return the number of features of `focus`."""
    tokens = layout.robot + 2 * latent.OBJECT + layout.goal
    return tokens + 2 * PLACED + 5 * 9 + 3 * layout.n_joints + 5 + 2 * (9 + latent.PHYSICAL)


@dataclass(frozen=True)
class Hand:
    """Position of the hand and direction of the jaws; batch dimensions b."""

    tool: Float[Tensor, "*b 3"]
    heading: Float[Tensor, "*b"]  # rad; unlike yaw it distinguishes the fixed finger from the moving one

    def each(self) -> "Hand":
        """Broadcast over several objects."""
        return Hand(self.tool.unsqueeze(-2), self.heading.unsqueeze(-1))


def hand_of(robot: Float[Tensor, "*b r"], layout: Layout) -> Hand:
    """Return the hand of a robot token."""
    return Hand(robot[..., latent.TOOL], layout.heading(robot))


def near_and_far(offset: Float[Tensor, "*b n"]) -> Float[Tensor, "*b 3*n"]:
    """Return an offset at three scales: linear, and squashed at 5 cm and 1 cm, which resolves contact."""
    return torch.cat([offset, torch.tanh(offset * 2.0), torch.tanh(offset * 10.0)], dim=-1)


def placed(objects: Float[Tensor, "*b o"], hand: Hand) -> Float[Tensor, "*b 20"]:
    """Return object positions relative to the hand, in base and hand frames, and their yaw relative to the hand."""
    offset = objects[..., latent.POSITION] - hand.tool
    cos, sin = hand.heading.cos(), hand.heading.sin()
    x, y, z = offset.unbind(-1)
    held = torch.stack([x * cos + y * sin, y * cos - x * sin, z], dim=-1)
    heading4 = 4.0 * hand.heading
    cos4, sin4 = heading4.cos(), heading4.sin()
    c, s = objects[..., _YAW4].unbind(-1)
    turned = torch.stack([c * cos4 + s * sin4, s * cos4 - c * sin4], dim=-1)
    return torch.cat([near_and_far(torch.stack([offset, held], dim=-2)).flatten(-2), turned], dim=-1)


def focus(z: Float[Tensor, "b z"], goal: Float[Tensor, "b g"], layout: Layout) -> Float[Tensor, "b f"]:
    """Compute the features of a latent under a goal: robot, object, its wanted position, neighbours."""
    robot, objects = latent.split(z)
    hand = hand_of(robot, layout)
    named = latent.pick_each(objects, goal[:, _NAMED].unflatten(-1, (2, latent.CODE)))  # (B, 2, o) object and target
    has = named[..., latent.CODES].sum(-1, keepdim=True).clamp(max=1.0)  # (B, 2, 1)
    is_home = goal[:, HOME, None]
    joints = goal[:, latent.GOAL_JOINTS] - robot[:, layout.joints]
    geometry = [
        (placed(named, hand.each()) * has).flatten(1),
        _offsets(robot, hand, named[..., latent.POSITION], goal[:, latent.GOAL_WANTED], has, is_home),
        near_and_far(joints * is_home),
        _directions(robot, hand),
    ]
    return torch.cat([robot, named.flatten(1), goal, *geometry, _neighbours(objects, named, hand)], dim=-1)


def _offsets(
    robot: Float[Tensor, "b r"],
    hand: Hand,
    places: Float[Tensor, "b 2 3"],
    wanted: Float[Tensor, "b 3"],
    has: Float[Tensor, "b 2 1"],
    is_home: Float[Tensor, "b 1"],
) -> Float[Tensor, "b 45"]:
    """Return offsets among object, target, wanted position, tool and commanded tool.

    Offsets that involve an object that the goal does not name are zero.
    """
    (at, target), (has_thing, has_target), sent = places.unbind(1), has.unbind(1), robot[:, latent.SENT]
    offsets = torch.stack([target, wanted, wanted, sent, sent], 1) - torch.stack([at, at, hand.tool, hand.tool, at], 1)
    either = (has_thing + is_home).clamp(max=1.0)
    there = torch.stack([has_thing * has_target, has_thing, either, torch.ones_like(either), has_thing], 1)
    return near_and_far(offsets * there).flatten(1)


def _directions(robot: Float[Tensor, "b r"], hand: Hand) -> Float[Tensor, "b 5"]:
    """Return the heading, and the rotation of the command relative to it."""
    cos, sin = hand.heading.cos(), hand.heading.sin()
    sin2, cos2 = robot[:, latent.SENT_YAW].unbind(-1)
    ahead = sin2 * (2.0 * hand.heading).cos() - cos2 * (2.0 * hand.heading).sin()
    return torch.cat([torch.stack([cos, sin], dim=-1), near_and_far(ahead[:, None])], dim=-1)


def _neighbours(objects: Tensor, named: Tensor, hand: Hand) -> Float[Tensor, "b n"]:
    """Return offsets and physical parts of the two objects nearest to the tool that the goal does not name."""
    same = (objects[..., latent.CODES] @ named[..., latent.CODES].transpose(1, 2)).amax(-1) > 1.5
    absent = (objects[..., latent.CODES].amax(-1) < 0.5) | same
    offset = objects[..., latent.POSITION] - hand.tool[:, None]
    distance = offset[..., :2].norm(dim=-1).masked_fill(absent, 10.0)
    order = distance.topk(2, dim=-1, largest=False)
    near = (order.values < 9.0).float().unsqueeze(-1)
    seen = torch.cat([offset, objects[..., : latent.PHYSICAL]], dim=-1)
    seen = seen.gather(1, order.indices.unsqueeze(-1).expand(-1, -1, seen.shape[-1])) * near
    return torch.cat([near_and_far(seen[..., :3]), seen[..., 3:]], dim=-1).flatten(1)
