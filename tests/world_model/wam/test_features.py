import math

import torch

from robot_wm.goals import NAMES, Task
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.features import Hand, focus, focus_size, placed
from tests.world_model.toy import TINY


def test_focus_depends_on_offsets_not_on_the_slot_a_thing_is_in() -> None:
    z = torch.randn(1, TINY.layout.z)
    robot, objects = latent.split(z)
    objects = objects.clone()
    objects[0, :, latent.CODES] = latent.name_codes()[torch.tensor([0, 3, 8, 13, 20])]
    objects[..., 0] = 1.0
    goal = torch.zeros(1, TINY.layout.goal)
    goal[:, : latent.TASK] = latent.task_code([Task("lift", NAMES[8])])
    order = torch.tensor([4, 2, 0, 1, 3])
    one = focus(latent.join(robot, objects), goal, TINY.layout)
    other = focus(latent.join(robot, objects[:, order]), goal, TINY.layout)
    assert torch.allclose(one, other)
    assert one.shape[1] == focus_size(TINY.layout)


def test_what_the_hand_sees_turns_with_it() -> None:
    thing = torch.zeros(1, latent.OBJECT)
    thing[0, latent.POSITION] = torch.tensor([0.3, 0.1, 0.0])
    thing[0, 6:8] = torch.tensor([1.0, 0.0])  # its sides along the axes
    turned = thing.clone()
    turned[0, latent.POSITION] = torch.tensor([-0.1, 0.3, 0.0])  # the same, a quarter turn on
    tool = torch.zeros(1, 3)
    one = placed(thing, Hand(tool, torch.tensor([0.2])))
    other = placed(turned, Hand(tool, torch.tensor([0.2 + math.pi / 2])))
    assert torch.allclose(one[:, 9:], other[:, 9:], atol=1e-5)
    assert not torch.allclose(one[:, :9], other[:, :9], atol=1e-2)
