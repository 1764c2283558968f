import dataclasses
from contextlib import ExitStack
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from robot_wm.config import config_folder
from robot_wm.control.loop import observe
from robot_wm.errors import CheckpointError, ConfigError, MissingDependencyError
from robot_wm.fake import FakeArm, FakeCamera, fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.station.make import make
from robot_wm.types import CameraSpec, Observation
from robot_wm.world_model import checkpoint
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.model import WAM
from tests.world_model.toy import TINY, batch, tiny_wam


def test_the_policy_role_cannot_see_the_future_and_the_inverse_role_can() -> None:
    model = tiny_wam().eval()
    z, goal = torch.randn(2, latent.Z), torch.randn(2, latent.G)
    masked = torch.ones(2, dtype=torch.bool)
    one = model.action(z, goal, torch.randn(2, latent.Z), future_masked=masked).mean
    other = model.action(z, goal).mean
    assert torch.allclose(one, other)
    seen = model.action(z, goal, torch.randn(2, latent.Z)).mean
    assert not torch.allclose(seen, other)


def test_the_inverse_role_does_not_see_the_goal() -> None:
    model = tiny_wam().eval()
    z, z_next = torch.randn(2, latent.Z), torch.randn(2, latent.Z)
    masked = torch.ones(2, dtype=torch.bool)
    one = model.action(z, torch.randn(2, latent.G), z_next, goal_masked=masked).mean
    other = model.action(z, torch.randn(2, latent.G), z_next, goal_masked=masked).mean
    assert torch.equal(one, other)


def test_the_video_role_ignores_the_action_and_the_forward_role_does_not() -> None:
    model = tiny_wam().eval()
    z, masked = torch.randn(2, latent.Z), torch.ones(2, dtype=torch.bool)
    blocks = [torch.randn(2, 10), torch.randn(2, 10)]
    assert torch.equal(*(model.dynamics(z, block, masked) for block in blocks))
    assert not torch.equal(*(model.dynamics(z, block) for block in blocks))


def test_an_empty_slot_stays_empty_and_things_keep_their_names() -> None:
    model, z = tiny_wam().eval(), torch.zeros(1, latent.Z)
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


def test_a_checkpoint_holds_the_model_and_its_configuration(tmp_path: Path) -> None:
    model = tiny_wam().eval()
    path = tmp_path / "wam.safetensors"
    checkpoint.save(path, model.state_dict(), TINY, {"seed": 0})
    again = checkpoint.load(path)
    assert dataclasses.asdict(again.config) == dataclasses.asdict(TINY)
    z, goal = torch.randn(2, latent.Z), torch.randn(2, latent.G)
    assert torch.allclose(model.score(z, goal), again.score(z, goal), atol=0.3)
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_loaded_sees_what_was_saved(tmp_path: Path) -> None:
    model, path, seen = tiny_wam().eval(), tmp_path / "wam.safetensors", batch()
    checkpoint.save(path, model.state_dict(), TINY, {})

    def scene(wam: WAM) -> torch.Tensor:
        overview, wrist, state = (seen[key].flatten(0, 1) for key in ("overview", "wrist", "state"))
        return wam.encoder.perceive(overview, wrist, state, seen["phrases"])[0].scene

    for loaded in (checkpoint.read(path), checkpoint.load(path)):
        assert torch.allclose(scene(loaded), scene(model), atol=0.02)


def test_a_truncated_or_foreign_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wam.safetensors"
    checkpoint.save(path, tiny_wam().state_dict(), TINY, {})
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        checkpoint.load(path)
    path.write_bytes(b"something else entirely")
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        checkpoint.load(path)
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        checkpoint.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize(("config", "words"), [('{"chnk": 8}', "unknown"), ("{", "Expecting property name")])
def test_a_checkpoint_of_another_version_is_named(tmp_path: Path, config: str, words: str) -> None:
    header = {"format": checkpoint.FORMAT, "config": config, "run": "{}"}
    save_file({"a": torch.zeros(1)}, tmp_path / "wam.safetensors", metadata=header)
    with pytest.raises(CheckpointError, match=rf"wam\.safetensors does not fit this version of the model: .*{words}"):
        checkpoint.load(tmp_path / "wam.safetensors")


def test_weights_too_large_for_fp16_are_not_saved(tmp_path: Path) -> None:
    weights = tiny_wam().state_dict()
    weights["spread"][0] = 1e5
    with pytest.raises(CheckpointError, match=r"not finite in fp16.*spread"):
        checkpoint.save(tmp_path / "wam.safetensors", weights, TINY, {})
    assert not (tmp_path / "wam.safetensors").exists()


def test_an_arm_with_other_joints_is_refused(tmp_path: Path) -> None:
    jaco = make(str(config_folder() / "arms/jaco.yaml")).arm.spec
    checkpoint.save(tmp_path / "wam.safetensors", tiny_wam().state_dict(), TINY, {})
    with pytest.raises(CheckpointError, match="of an arm with 5 joints, and 'jaco' has 6; give a --checkpoint"):
        checkpoint.load(tmp_path / "wam.safetensors", Kinematics(jaco))


def seen_by(**sides: int) -> Observation:
    """What a fake arm's cameras see, in pictures of these sizes."""
    specs = [CameraSpec(name, side, side, 10.0) for name, side in sides.items()]
    with ExitStack() as stack:
        cameras = {spec.name: stack.enter_context(FakeCamera(spec)) for spec in specs}
        return observe(stack.enter_context(FakeArm()), cameras)


def test_pictures_of_another_size_are_refused_in_words() -> None:
    model = WAM(TINY, Kinematics(fake_spec())).eval()
    assert model.encode([seen_by(overview=32, wrist=32)]).shape == (1, latent.Z)
    with pytest.raises(ConfigError, match=r"'wrist' gives pictures of 48 x 48; the model needs 32 x 32"):
        model.encode([seen_by(overview=32, wrist=48)])


def test_a_missing_camera_is_named() -> None:
    model = WAM(TINY, Kinematics(fake_spec())).eval()
    with pytest.raises(MissingDependencyError, match=r"'wrist' is missing; .* received overview"):
        model.encode([seen_by(overview=32)])
