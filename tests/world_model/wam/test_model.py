from contextlib import ExitStack

import pytest
import torch

from robot_wm.control.loop import observe
from robot_wm.errors import ConfigError, MissingDependencyError
from robot_wm.fake import FakeArm, FakeCamera, fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.types import CameraSpec, Observation
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.model import WAM
from tests.world_model.toy import TINY, tiny_wam


def test_the_policy_role_cannot_see_the_future_and_the_inverse_role_can() -> None:
    model = tiny_wam().eval()
    z, goal = torch.randn(2, TINY.layout.z), torch.randn(2, TINY.layout.goal)
    masked = torch.ones(2, dtype=torch.bool)
    one = model.action(z, goal, torch.randn(2, TINY.layout.z), future_masked=masked).mean
    other = model.action(z, goal).mean
    assert torch.allclose(one, other)
    seen = model.action(z, goal, torch.randn(2, TINY.layout.z)).mean
    assert not torch.allclose(seen, other)


def test_the_inverse_role_does_not_see_the_goal() -> None:
    model = tiny_wam().eval()
    z, z_next = torch.randn(2, TINY.layout.z), torch.randn(2, TINY.layout.z)
    masked = torch.ones(2, dtype=torch.bool)
    one = model.action(z, torch.randn(2, TINY.layout.goal), z_next, goal_masked=masked).mean
    other = model.action(z, torch.randn(2, TINY.layout.goal), z_next, goal_masked=masked).mean
    assert torch.equal(one, other)


def test_the_video_role_ignores_the_action_and_the_forward_role_does_not() -> None:
    model = tiny_wam().eval()
    z, masked = torch.randn(2, TINY.layout.z), torch.ones(2, dtype=torch.bool)
    blocks = [torch.randn(2, 10), torch.randn(2, 10)]
    assert torch.equal(*(model.dynamics(z, block, masked) for block in blocks))
    assert not torch.equal(*(model.dynamics(z, block) for block in blocks))


def test_an_empty_slot_stays_empty_and_things_keep_their_names() -> None:
    model, z = tiny_wam().eval(), torch.zeros(1, TINY.layout.z)
    robot, objects = latent.split(z)
    objects = objects.clone()
    objects[0, 0, latent.CODES] = latent.name_codes()[5]
    out = model.dynamics(latent.join(robot, objects), torch.randn(1, 10)).mean(0)
    after = latent.split(out)[1]
    assert after[0, 1:].abs().sum() == 0
    assert torch.equal(after[0, 0, latent.CODES], latent.name_codes()[5])


def test_actions_in_units_of_their_bounds_round_trip() -> None:
    model = tiny_wam()
    action = torch.tensor([[0.01, -0.03, 0.03, 0.2, 1.0]])
    assert torch.allclose(model.unsquash(model.squash(action)), action, atol=1e-6)


def test_steps_are_learned_as_a_distribution_with_the_right_mean() -> None:
    head = tiny_wam().steps
    logits = torch.full((1, len(head.values)), -30.0)
    logits[0, 7] = 0.0
    exact = head.loss(logits, torch.tensor([7.0]), torch.ones(1))
    wrong = head.loss(logits, torch.tensor([30.0]), torch.ones(1))
    assert exact < 1e-3 < wrong


def seen_by(**sides: int) -> Observation:
    """What a fake arm's cameras see, in pictures of these sizes."""
    specs = [CameraSpec(name, side, side, 10.0) for name, side in sides.items()]
    with ExitStack() as stack:
        cameras = {spec.name: stack.enter_context(FakeCamera(spec)) for spec in specs}
        return observe(stack.enter_context(FakeArm()), cameras)


def test_pictures_of_another_size_are_refused_in_words() -> None:
    model = WAM(TINY, Kinematics(fake_spec())).eval()
    assert model.encode([seen_by(overview=32, wrist=32)], ()).shape == (1, TINY.layout.z)
    with pytest.raises(ConfigError, match=r"'wrist' gives pictures of 48 x 48; the model needs 32 x 32"):
        model.encode([seen_by(overview=32, wrist=48)], ())


def test_a_missing_camera_is_named() -> None:
    model = WAM(TINY, Kinematics(fake_spec())).eval()
    with pytest.raises(MissingDependencyError, match=r"'wrist' is missing; .* received overview"):
        model.encode([seen_by(overview=32)], ())
