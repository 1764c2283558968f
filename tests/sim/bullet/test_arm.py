"""The arm in PyBullet keeps the arms' contract and responds to its servos as in MuJoCo."""

import mujoco
import numpy as np
import pytest

from robot_wm.types import ArmTarget
from sim.build import compile_scene
from sim.bullet.arm_body import add_arm
from sim.bullet.client import Client
from sim.bullet.engine import BulletEngine
from sim.scene import Scene, SceneConfig
from tests.contracts.arm_contract import ArmContract, Rig


class TestBulletArm(ArmContract):
    def rig(self) -> Rig:
        scene = Scene(SceneConfig(), BulletEngine)
        scene.reset(0, ["red pad"])
        scene.arm.close()
        return Rig(scene.arm, scene.clock)


@pytest.mark.parametrize("seed", range(3))
def test_every_link_is_where_the_model_has_it(seed: int) -> None:
    model = compile_scene(SceneConfig())
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    client = Client()
    arm = add_arm(client, model, data)
    q_rad = np.random.default_rng(seed).uniform(-1.0, 1.0, len(arm.joints))
    data.qpos[model.jnt_qposadr[list(arm.joints)]] = q_rad
    mujoco.mj_kinematics(model, data)
    for link, angle_rad in enumerate(q_rad):
        client.resetJointState(arm.body, link, angle_rad)
    for link, joint in enumerate(arm.joints):
        state = client.getLinkState(arm.body, link, computeForwardKinematics=True)
        np.testing.assert_allclose(state[4], data.xpos[model.jnt_bodyid[joint]], atol=1e-6)
        np.testing.assert_allclose(state[0], data.xipos[model.jnt_bodyid[joint]], atol=1e-6)
    client.close()


def test_it_sags_and_follows_as_in_mujoco(scene: Scene, mujoco_scene: Scene) -> None:
    seen = []
    for each in (scene, mujoco_scene):
        each.reset(0, ["red pad"])
        states = [each.arm.read().q_rad]
        for _ in range(12):
            each.arm.command(ArmTarget(each.arm.sent.q_rad + np.array([0.05, 0.01, -0.02, 0.01, 0.1]), 0.9))
            each.advance(0.1)
            states.append(each.arm.read().q_rad)
        each.advance(0.5)
        seen.append(np.array([*states, each.arm.read().q_rad]))
    ours, theirs = seen
    np.testing.assert_allclose(ours[0], theirs[0], atol=2e-3)
    np.testing.assert_allclose(ours[-1], theirs[-1], atol=3e-3)
    np.testing.assert_allclose(ours, theirs, atol=0.02)


def test_a_torque_limit_lowered_in_motion_binds_the_motor(scene: Scene) -> None:
    scene.reset(0, ["red pad"])
    model, data = scene._model, scene._data
    lift = model.actuator("shoulder_lift").id
    limits = model.actuator_forcerange.copy()
    data.ctrl[lift] = data.joint("shoulder_lift").qpos[0] - 0.5
    scene._engine.step(1)
    assert abs(data.actuator_force[lift]) > 0.5
    model.actuator_forcerange[lift] = -0.1, 0.1  # as the servo's protection does
    scene._engine.step(1)
    assert abs(data.actuator_force[lift]) <= 0.1
    model.actuator_forcerange[:] = limits


def test_a_joint_stops_at_its_range(scene: Scene) -> None:
    scene.reset(0, ["red pad"])
    wrist = scene._model.joint("wrist_flex")
    scene._data.qvel[wrist.dofadr[0]] = 40.0
    high_rad = float(wrist.range[1])
    seen = []
    for _ in range(10):
        scene.advance(0.02)
        seen.append(float(scene._data.joint("wrist_flex").qpos[0]))
    assert max(seen) > high_rad - 0.03
    assert max(seen) < high_rad + 0.03


def test_servo_torques_stay_within_their_limits(scene: Scene) -> None:
    scene.reset(0, ["red pad"])
    scene.arm.servos.command(np.full(6, 1.0))
    efforts = []
    for _ in range(10):
        scene.advance(0.02)
        efforts.append(np.abs(scene.arm.servos.efforts()))
    limits = np.array([servo.force_n_m for servo in scene.config.arm.all_servos])
    assert (np.max(efforts, axis=0) <= limits + 1e-9).all()
    assert np.max(efforts, axis=0)[0] == pytest.approx(limits[0])
