"""A WAM for arms of 4, 6 and 7 joints: each joint angle is a joint angle, and a speed never stands for one."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from robot_wm.arm_description import ArmDescription
from robot_wm.errors import ConfigError
from robot_wm.fake import fake_spec
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.proprioception import state_names
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Frame, Observation
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.arm_config import mount_of, wam_config_for
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.encoder import EncoderConfig
from robot_wm.world_model.wam.latent import Layout
from robot_wm.world_model.wam.model import WAM
from tests.arms import GANTRY, GANTRY_TOOL, SEVEN, SEVEN_REST, SIX, SIX_REST, arm_spec
from tests.world_model.toy import OVERVIEW, SIZES, SO101, TINY

Q4 = [0.4, 0.0, 0.1, 0.0]


@pytest.fixture(params=["gantry", "six", "seven"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> ArmSpec:
    camera = '<camera name="wrist" pos="0 -0.07 0.03" quat="1 0 0 0" fovy="70"/>'
    if request.param == "gantry":
        return arm_spec(tmp_path, GANTRY, Q4, GANTRY_TOOL, camera)
    return arm_spec(tmp_path, SIX, SIX_REST) if request.param == "six" else arm_spec(tmp_path, SEVEN, SEVEN_REST)


@pytest.fixture
def model(spec: ArmSpec) -> WAM:
    torch.manual_seed(0)
    config = wam_config_for(ArmDescription.of(spec), OVERVIEW, SIZES)
    return WAM(config, Kinematics(spec)).eval()


def observation(spec: ArmSpec) -> Observation:
    grey = Frame(np.full((32, 32, 3), 128, np.uint8), 0.0)
    speeds = np.arange(1.0, spec.n_joints + 1.0)
    state = ArmState(spec.q_rest_rad, speeds, None, 0.5, 0.0)
    return Observation({"overview": grey, "wrist": grey}, state, ArmCommand(spec.q_rest_rad, 0.5, 0.0))


def test_it_sees_and_its_robot_token_holds_every_joint(model: WAM, spec: ArmSpec) -> None:
    percept, state = model.perceive([observation(spec)])
    names = state_names(spec.n_joints)
    assert state.shape == (1, len(names)) == (1, model.layout.state)
    slots = percept.presence.topk(latent.SLOTS, dim=-1).indices
    robot, objects = latent.split(model.encoder.latent(percept.take(slots), state, slots))
    assert robot.shape[1] == model.layout.robot and objects.shape[1:] == (latent.SLOTS, latent.OBJECT)
    scaled = model.layout.scale_state(state)
    for where, first in ((latent.TOOL, "tool_x"), (latent.SENT, "sent_x"), (latent.YAW, "sin_2yaw")):
        start = names.index(first)
        assert torch.equal(robot[:, where], scaled[:, start : start + where.stop - where.start])
    assert torch.equal(robot[:, model.layout.joints], torch.tensor(spec.q_rest_rad, dtype=torch.float32)[None])


def test_the_mount_is_the_arms_kinematics(model: WAM, spec: ArmSpec) -> None:
    rng, kinematics = np.random.default_rng(0), Kinematics(spec)
    for _ in range(5):
        q = rng.uniform(-1.0, 1.0, spec.n_joints)
        tool = model.config.mount.pose(torch.tensor(q[None], dtype=torch.float32)).landmarks[0, 0]
        np.testing.assert_allclose(tool.numpy(), kinematics.position(q), atol=1e-5)


def test_the_last_joint_turns_what_the_hand_carries_and_speeds_move_nothing(model: WAM, spec: ArmSpec) -> None:
    names, n = state_names(spec.n_joints), spec.n_joints
    state = torch.zeros(3, len(names))
    state[1, names.index("dq0")] = 1.0
    state[2, names.index(f"q{n - 1}")] = 0.5
    posture = model.encoder.mount.pose(state[:, model.layout.joints])
    still, faster, turned = posture.landmarks
    assert torch.equal(still, faster) and torch.equal(posture.camera.rotation[0], posture.camera.rotation[1])
    assert (still - turned).abs().max() > 1e-3


def test_home_is_a_goal_with_all_joints_and_is_scored(model: WAM, spec: ArmSpec) -> None:
    z = torch.zeros(1, model.layout.z)
    point = model.goals.text(z, latent.task_code([Task("home")]))
    assert point.shape == (1, model.layout.goal)
    np.testing.assert_allclose(point[0, latent.GOAL_JOINTS].detach().numpy(), spec.q_rest_rad, atol=1e-6)
    assert model.steps.mean(z, point).shape == (1,)
    assert model.action(z, point).mean.shape == (1, SIZES.heads.modes, SIZES.chunk, 5)
    assert model.dynamics(z, torch.zeros(1, 2 * 5)).shape == (2, 1, model.layout.z)


def test_the_heading_is_the_jaws_of_the_arm(model: WAM, spec: ArmSpec) -> None:
    robot = torch.cat([model.layout.scale_state(model.perceive([observation(spec)])[1]), torch.zeros(1, 41)], dim=-1)
    heading = float(model.layout.heading(robot))
    assert math.remainder(heading - Kinematics(spec).heading(spec.q_rest_rad), math.pi) == pytest.approx(0.0, abs=1e-3)


def test_the_so101_turns_its_hand_with_the_first_and_last_joint() -> None:
    robot = torch.randn(4, TINY.layout.robot)
    assert torch.equal(TINY.layout.heading(robot), robot[:, 4] - robot[:, 0])
    opposite = replace(TINY.layout, heading_signs=(1, 0, 0, 0, -1), heading_zero_rad=0.5)
    assert torch.allclose(opposite.heading(robot), robot[:, 0] - robot[:, 4] + 0.5)


def test_what_does_not_fit_is_refused_at_construction() -> None:
    with pytest.raises(ConfigError, match=r"lacks the pose of camera 'wrist'; give model.wrist, or derive it"):
        WAM(replace(TINY, wrist=None))
    with pytest.raises(ConfigError, match="received 5 hinges and 6 numbers"):
        replace(TINY.mount, rest_rad=(0.0,) * 6)
    with pytest.raises(ConfigError, match="heading_signs needs 5 values, one per joint, or none"):
        WAM(replace(TINY, wrist=replace(TINY.mount, heading_signs=(1, 0, 1))))
    long = (replace(TINY.mount.hinges[0], axis=(0.0, 0.0, 2.0)), *TINY.mount.hinges[1:])
    with pytest.raises(ConfigError, match=r"axis must have length 1, received \(0.0, 0.0, 2.0\)"):
        replace(TINY.mount, hinges=long)
    with pytest.raises(ConfigError, match="no camera 'wrist' on its last link"):
        mount_of(ArmDescription.of(fake_spec()))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"overview_px": 100}, "overview_px must be a multiple of 8"),
        ({"block": 0}, "must be 1 or more"),
        ({"overview_px": 8, "encoder": EncoderConfig(window=24)}, "window must be a multiple of 4 and at most"),
    ],
)
def test_sizes_that_no_network_can_have_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replace(TINY, **values)


def test_kinematics_of_another_arm_are_refused(tmp_path: Path) -> None:
    six = Kinematics(arm_spec(tmp_path, SIX, SIX_REST))
    with pytest.raises(ConfigError, match="for an arm with 5 joints, but 'arm of 6' has 6"):
        WAM(TINY, six)


def test_a_configuration_keeps_what_it_says_of_the_cameras() -> None:
    elsewhere = replace(OVERVIEW, fovy_deg=50.0)
    config = wam_config_for(SO101, OVERVIEW, WAMConfig(overview=elsewhere))
    assert config.overview == elsewhere and config.wrist == mount_of(SO101)
    assert config.layout == Layout(5, (-1, 0, 0, 0, 1))
