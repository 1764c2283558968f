"""Another arm by configuration alone: dm_control's Kinova Jaco, which has no actuators and two MJCF files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.action_space import CartesianActions
from robot_wm.config import find_config, load_config
from robot_wm.errors import ConfigError, MissingDependencyError, UnknownNameError
from robot_wm.kinematics import Kinematics
from sim.arm_model import ArmConfig, load_arm
from sim.scene import Scene
from sim.station import mujoco_station
from sim.worlds import open_world
from tests.contracts.arm_contract import ArmContract, Rig

JACO = load_config(ArmConfig, find_config("arms", "jaco"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def jaco() -> Scene:
    return open_world("jaco", 0, ["red cube", "blue bin"], scene="tabletop-jaco")


class TestJaco(ArmContract):
    def rig(self) -> Rig:
        scene = jaco()
        scene.arm.close()
        return Rig(scene.arm, scene.clock)


def test_it_goes_to_a_place_and_its_scene_can_be_seen() -> None:
    scene = jaco()
    goal_m = np.array([0.45, 0.10, 0.15])
    actions = CartesianActions(scene.kinematics)
    for _ in range(25):
        step = goal_m - scene.kinematics.forward(scene.arm.sent.q_rad).position_m
        scene.arm.command(actions.target([*step, 0.0, 1.0], scene.arm.read(), scene.arm.sent))
        scene.advance(0.1)
    assert np.linalg.norm(scene.tool().position_m - goal_m) < 0.01
    assert scene.kinematics.tilt(scene.arm.read().q_rad) < 0.05
    for camera, size in (("overview", 128), ("wrist", 64)):
        picture = scene.render(camera)
        assert picture.shape == (size, size, 3) and picture.std() > 5
    scene.close()


def test_the_skeleton_moves_as_the_arm_does() -> None:
    scene = jaco()
    skeleton = Kinematics(scene.arm.spec)
    scene.advance(0.5)
    addresses = [scene._model.joint(name).qposadr[0] for name in JACO.joint_names]
    np.testing.assert_allclose(
        skeleton.forward(scene._data.qpos[addresses]).position_m, scene._data.site("hand/pinchsite").xpos, atol=2e-3
    )


def test_names_that_the_model_lacks_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown joint 'joint_7'"):
        load_arm(replace(JACO, joint_names=(*JACO.joint_names[:5], "joint_7")))
    with pytest.raises(UnknownNameError, match=r"unknown site to put the hand on 'wrist'.*Did you mean 'wristsite'"):
        load_arm(replace(JACO, hand_site="wrist"))
    with pytest.raises(ConfigError, match=r"there is no arm model 'nowhere\.xml'"):
        load_arm(replace(JACO, mjcf="nowhere.xml"))
    with pytest.raises(MissingDependencyError, match="pip install no_such_package"):
        load_arm(replace(JACO, mjcf="no_such_package:arm.xml"))


def test_a_file_that_is_no_mjcf_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "arm.xml"
    broken.write_text("<mujoco><worldbody>")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_arm(replace(JACO, mjcf=str(broken)))


def test_its_configuration_names_its_scene() -> None:
    station = mujoco_station("tabletop", "configs/arms/jaco.yaml")
    assert station.scene.config.name == "tabletop-jaco"
    assert station.arm.spec.name == "jaco"
