"""The simulated arm keeps the arms' contract, is an SO-101 where it should be, and grasps by friction alone."""

import mujoco
import numpy as np
import pytest

from robot_wm.action_space import CartesianActions
from robot_wm.config import config_names, find_config, load_config
from robot_wm.kinematics import wrapped_yaw
from robot_wm.types import ArmTarget
from sim.arm_model import ArmConfig, model_path
from sim.scene import Scene, SceneConfig
from tests.contracts.arm_contract import ArmContract, Rig

FACTS = {  # anchor (m), axis, range (degrees) at the zero pose
    "shoulder_pan": ((0.0388, 0, 0.0624), (0, 0, -1), (-110, 110)),
    "shoulder_lift": ((0.0692, -0.0183, 0.1166), (0, 1, 0), (-100, 100)),
    "elbow_flex": ((0.0972, -0.0183, 0.2292), (0, 1, 0), (-96.8, 96.8)),
    "wrist_flex": ((0.2321, -0.0183, 0.2344), (0, 1, 0), (-95, 95)),
    "wrist_roll": ((0.2932, 0, 0.2344), (-1, 0, 0), (-157.2, 162.8)),
    "gripper": ((0.3166, 0.0176, 0.2555), (0, -0.999, -0.049), (-10, 100)),
}


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(SceneConfig())


class TestMujocoArm(ArmContract):
    def rig(self) -> Rig:
        scene = Scene(SceneConfig())
        scene.reset(0, ["red pad"])
        scene.arm.close()
        return Rig(scene.arm, scene.clock)


def test_joints_are_where_the_so101_has_them() -> None:
    model = mujoco.MjModel.from_xml_path(str(model_path("so101.xml")))
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    for name, (anchor, axis, degrees) in FACTS.items():
        joint = model.joint(name).id
        np.testing.assert_allclose(data.xanchor[joint], anchor, atol=1e-4)
        np.testing.assert_allclose(data.xaxis[joint], axis, atol=1e-3)
        np.testing.assert_allclose(np.degrees(model.jnt_range[joint]), degrees, atol=1e-6)
    np.testing.assert_allclose(data.site("tool").xpos, [0.3914, 0, 0.2265], atol=1e-4)
    assert model.body_mass.sum() == pytest.approx(0.147 + 0.100 + 0.103 + 0.104 + 0.079 + 0.087 + 0.012)


def test_the_jaws_open_wide_and_are_parallel_at_three_centimetres(scene: Scene) -> None:
    scene.reset(0, ["red pad"])
    gaps = {}
    for angle_deg in (-10.0, 11.4, 30.0):
        scene._data.joint("gripper").qpos[0] = np.deg2rad(angle_deg)
        mujoco.mj_kinematics(scene._model, scene._data)
        fixed, moving = scene._data.geom("fixed_finger"), scene._data.geom("moving_finger")
        inward = fixed.xmat.reshape(3, 3)[:, 2]
        tip_m = moving.xpos + moving.xmat.reshape(3, 3) @ [0.04, 0, -0.004]
        gaps[angle_deg] = inward @ (tip_m - fixed.xpos) - 0.004
        if angle_deg == 11.4:
            assert inward @ moving.xmat.reshape(3, 3)[:, 2] == pytest.approx(1.0, abs=1e-4)
    assert gaps[-10.0] == pytest.approx(0.0, abs=2e-3)
    assert gaps[11.4] == pytest.approx(0.03, abs=1e-3)
    assert gaps[30.0] >= 0.055


def test_it_tracks_a_moving_command_and_reads_in_encoder_steps(scene: Scene) -> None:
    scene.reset(0, ["red pad"])
    for _ in range(10):
        q = scene.arm.sent.q_rad + np.array([0.05, 0, 0, 0, 0.1])
        scene.arm.command(ArmTarget(q, 0.5))
        scene.advance(0.1)
    state = scene.arm.read()
    assert abs(state.q_rad[0] - 0.5) < 0.06
    steps = state.q_rad * 4096 / (2 * np.pi)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)


@pytest.mark.parametrize("name", ["red cube", "red cylinder"])
def test_it_lifts_by_friction_alone(scene: Scene, name: str) -> None:
    scene.reset(3, [name])
    thing = scene.things()[name]
    aside_m = max(0.0, thing.half_width_m + 0.004 - 0.015)  # the fixed finger is 15 mm from the tool point
    bearing = float(np.arctan2(thing.position_m[1], thing.position_m[0] - 0.0388))
    yaw = (
        bearing
        if "cyl" in name
        else min((thing.yaw_rad + k * np.pi / 2 for k in (-1, 0, 1)), key=lambda a: abs(a - bearing))
    )
    above = thing.position_m[:2] - aside_m * np.array([np.cos(yaw), np.sin(yaw)])
    for height_m, gripper, ticks in ((0.065, 1.0, 15), (0.016, 1.0, 8), (0.016, 0.0, 6), (0.08, 0.0, 12)):
        for _ in range(ticks):
            _approach(scene, np.array([*above, height_m]), yaw, gripper)
    lifted = scene.things()[name]
    assert lifted.position_m[2] - lifted.half_height_m > 0.05
    scene.advance(2.0)
    assert scene.things()[name].position_m[2] == pytest.approx(lifted.position_m[2], abs=3e-3)


def _approach(scene: Scene, goal_m: np.ndarray, yaw: float, gripper: float) -> None:
    """Move towards a tool pose for one control tick."""
    commanded = scene.kinematics.forward(scene.arm.sent.q_rad)
    action = [*(goal_m - commanded.position_m), wrapped_yaw(yaw - commanded.yaw_rad), gripper]
    scene.arm.command(CartesianActions(scene.kinematics).target(action, scene.arm.read(), scene.arm.sent))
    scene.advance(0.1)


def test_every_shipped_arm_and_scene_loads_and_the_so101_is_the_default() -> None:
    for name in set(config_names("arms")) - {"so101"}:  # that one is not simulated
        load_config(ArmConfig, find_config("arms", name))
    for name in config_names("scenes"):
        load_config(SceneConfig, find_config("scenes", name))
    assert load_config(ArmConfig, find_config("arms", "mujoco")) == SceneConfig().arm
    assert load_config(SceneConfig, find_config("scenes", "tabletop")) == SceneConfig()


def test_the_shifted_table_lies_outside_the_plain_one() -> None:
    plain, shifted = (load_config(SceneConfig, find_config("scenes", f"tabletop{end}")) for end in ("", "-shifted"))
    for field in ("mass_kg", "friction", "gain_factor", "latency_s"):
        (low, high), (low_shifted, high_shifted) = getattr(plain, field), getattr(shifted, field)
        assert high_shifted < low or low_shifted > high, field
