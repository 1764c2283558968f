import torch

from robot_wm.goals import NAMES, SKILLS, Task
from robot_wm.world_model.wam import latent
from tests.world_model.toy import TINY


def test_join_undoes_split() -> None:
    z = torch.randn(3, TINY.layout.z)
    assert torch.equal(latent.join(*latent.split(z)), z)


def test_units_round_trip() -> None:
    p = torch.randn(5, 3)
    assert torch.allclose(latent.to_metres(latent.to_units(p)), p, atol=1e-6)


def test_pick_finds_the_named_thing_and_nothing_else() -> None:
    objects = torch.randn(1, latent.SLOTS, latent.OBJECT)
    rows = torch.tensor([0, 3, 8, 13, 20])
    objects[0, :, latent.CODES] = latent.name_codes()[rows]
    for slot, row in enumerate(rows):
        assert torch.allclose(latent.pick(objects, latent.name_codes()[row][None]), objects[:, slot])
    assert latent.pick(objects, latent.name_codes()[1][None]).abs().sum() == 0
    assert latent.pick(objects, torch.zeros(1, latent.CODE)).abs().sum() == 0


def test_task_code_says_skill_object_target_and_direction() -> None:
    code = latent.task_code([Task("push", NAMES[2], direction="right"), Task("stack", NAMES[7], NAMES[0])])
    assert SKILLS[int(code[0, latent.GOAL_SKILL].argmax())] == "push"
    assert code[0, latent.GOAL_DIRECTION].tolist() == [0.0, -1.0]
    assert torch.equal(code[1, latent.GOAL_OBJECT], latent.name_codes()[7])
    assert torch.equal(code[1, latent.GOAL_TARGET], latent.name_codes()[0])
