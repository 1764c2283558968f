"""Laws of checkpoints: whole or refused; they say which arm they are for, and open on no other."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from robot_wm.errors import CheckpointError
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.arm_identity import ArmIdentity, differences
from robot_wm.world_model.success import SuccessCalibration
from robot_wm.world_model.wam import checkpoint
from robot_wm.world_model.wam.model import WAM
from tests.arms import SIX, SIX_REST, arm_spec
from tests.world_model.toy import SO101, TINY, batch, tiny_wam


def test_a_checkpoint_holds_the_model_and_its_configuration(tmp_path: Path) -> None:
    model = tiny_wam().eval()
    path = tmp_path / "wam.safetensors"
    checkpoint.save(path, model.state_dict(), TINY, {"seed": 0})
    again = checkpoint.load(path)
    assert asdict(again.config) == asdict(TINY)
    z, goal = torch.randn(2, TINY.layout.z), torch.randn(TINY.layout.goal)
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


def described(path: Path, values: dict[str, str]) -> Path:
    """A file with a whole header but for `values`, and no weights worth the name."""
    checkpoint.save(path, tiny_wam().state_dict(), TINY, {})
    with safe_open(path, "pt") as file:
        header = file.metadata()
    save_file({"a": torch.zeros(1)}, path, metadata={**header, **values})
    return path


@pytest.mark.parametrize(("config", "words"), [('{"chnk": 8}', "unknown"), ("{", "Expecting property name")])
def test_a_checkpoint_of_another_version_is_named(tmp_path: Path, config: str, words: str) -> None:
    path = described(tmp_path / "wam.safetensors", {"config": config})
    with pytest.raises(CheckpointError, match=rf"wam\.safetensors does not fit this version of the model: .*{words}"):
        checkpoint.load(path)


def test_a_foreign_format_or_family_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"holds 'other/9', expected 'robot_wm.checkpoint/2'"):
        checkpoint.read_header(described(tmp_path / "a.safetensors", {"format": "other/9"}))
    with pytest.raises(CheckpointError, match="holds a model of family 'dreams', expected 'wam'"):
        checkpoint.read(described(tmp_path / "b.safetensors", {"family": "dreams"}))


def test_weights_too_large_for_fp16_are_not_saved(tmp_path: Path) -> None:
    weights = tiny_wam().state_dict()
    weights["spread"][0] = 1e5
    with pytest.raises(CheckpointError, match=r"not finite in fp16.*spread"):
        checkpoint.save(tmp_path / "wam.safetensors", weights, TINY, {})
    assert not (tmp_path / "wam.safetensors").exists()


def test_the_header_says_which_arm_which_family_and_how_sure(tmp_path: Path) -> None:
    path, success = tmp_path / "wam.safetensors", SuccessCalibration(5.0, 0.8)
    checkpoint.save(path, tiny_wam().state_dict(), TINY, {"seed": 3}, SO101, success)
    header = checkpoint.read_header(path)
    assert (header.family, header.success, header.run) == ("wam", success, {"seed": 3})
    assert header.arm == ArmIdentity.of(SO101, {"overview": (32, 32), "wrist": (32, 32)})
    assert checkpoint.load(path).success == success
    assert differences(header.arm, SO101) == []


def test_the_shipped_checkpoint_is_upgraded_and_fits_the_so101() -> None:
    header = checkpoint.read_header(checkpoint.SHIPPED)
    assert header.arm.joint_names == SO101.joint_names
    assert header.arm.kinematics == SO101.kinematics_hash
    assert header.arm.cameras == {"overview": (128, 128), "wrist": (64, 64)}
    assert header.success == SuccessCalibration(4.34, 1.03)
    assert header.config["wrist"]["heading_signs"] == [-1, 0, 0, 0, 1]
    assert differences(header.arm, SO101, {"overview": (128, 128), "wrist": (64, 64)}) == []


def test_format_1_of_an_arm_it_could_not_describe_is_refused(tmp_path: Path) -> None:
    wrist = asdict(TINY.mount) | {"hinges": [{"at_m": [0, 0, 0.1], "axis": [0, 0, 1]}] * 6}
    config = json.dumps({**asdict(TINY), "wrist": wrist})
    header = {"format": "robot_wm.wam/1", "config": config, "run": "{}"}
    save_file({"a": torch.zeros(1)}, tmp_path / "six.safetensors", metadata=header)
    with pytest.raises(CheckpointError, match="can only describe arms with 5 joints, and this one has 6; retrain it"):
        checkpoint.load(tmp_path / "six.safetensors")


def saved(folder: Path) -> Path:
    """A checkpoint that says all of the SO-101."""
    path = folder / "wam.safetensors"
    checkpoint.save(path, tiny_wam().state_dict(), TINY, {}, SO101)
    return path


def test_an_arm_with_other_joints_is_refused(tmp_path: Path) -> None:
    six = Kinematics(arm_spec(tmp_path, SIX, SIX_REST))
    with pytest.raises(CheckpointError, match="for an arm with 5 joints, but 'arm of 6' has 6; give a --checkpoint"):
        checkpoint.load(saved(tmp_path), six, force=True)


def test_every_difference_of_an_arm_is_named(tmp_path: Path) -> None:
    spec = arm_spec(tmp_path, [*SIX[:3], *SIX[4:]], [0.0, 0.05, 2.0, 1.0916, 0.0])
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(saved(tmp_path), Kinematics(spec), force=True)
    words = str(caught.value)
    assert "trained with joints shoulder_pan, shoulder_lift" in words and "this arm has j1, j2, j3, j4, j5" in words
    assert "links, joint axes or tool point differ from those in training" in words
    assert "the range of joint 'j1' is -3.000 to 3.000, in training -1.920 to 1.920" in words


def test_a_camera_of_another_size_is_named(tmp_path: Path) -> None:
    header = checkpoint.read_header(saved(tmp_path))
    found = differences(header.arm, SO101, {"overview": (32, 32)})
    assert [each.words for each in found] == ["camera 'wrist' must be 32 x 32 pixels, but is missing"]


def test_wider_ranges_need_force_and_narrower_ones_nothing(tmp_path: Path) -> None:
    path, spec = saved(tmp_path), fake_spec()
    checkpoint.load(path, Kinematics(replace(spec, q_max_rad=spec.q_max_rad - 0.3)))
    wide = Kinematics(replace(spec, q_max_rad=spec.q_max_rad + np.array([0.0, 0.0, 0.5, 0.0, 0.0])))
    with pytest.raises(CheckpointError, match=r"the range of joint 'elbow_flex' is -1.689 to 2.189.*or give --force"):
        checkpoint.load(path, wide)
    assert checkpoint.load(path, wide, force=True).kinematics is wide
