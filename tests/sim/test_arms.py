"""Any arm opens, reaches and goes home, or is refused with a message that names the remedy."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.arm_description import ArmDescription
from robot_wm.data.collecting import collect
from robot_wm.errors import ConfigError, RefusedError, RobotWMError
from robot_wm.goals import Task
from robot_wm.proprioception import state_names
from sim.arm_config import ArmConfig, load_arm_config
from sim.arm_model import load_arm
from sim.collect import CollectConfig, PlayEpisodes
from sim.expert import Expert
from sim.experts.view import wrapped
from sim.feasible import feasible_tasks
from sim.pan_roll import PanRoll
from sim.play import PlayConfig
from sim.scene import Scene
from sim.scene_config import SceneConfig, load_scene_config
from sim.snapshot import Snapshot
from sim.worlds import open_world
from tests.sim.arms import REST, Traits, write
from tests.sim.driving import solved

PLAIN = Traits()
ACTUATORS = "".join(f'<position name="a{index}" joint="j{index}" kp="50"/>' for index in range(1, 7))
KEY = '<key name="home" qpos="0 0 0 0 0 0 0 0" ctrl="0 0 0 0 0 0"/>'
KEYFRAME = f"<actuator>{ACTUATORS}</actuator><keyframe>{KEY}</keyframe>"
SENSOR = f'<actuator>{ACTUATORS}</actuator><sensor><actuatorfrc actuator="a1"/></sensor>'

OPEN: dict[str, tuple[Traits, dict[str, object]]] = {
    "plain": (PLAIN, {}),
    "pan and roll the other way": (Traits(pan_axis="0 0 -1", roll_axis="0 0 -1"), {}),
    "pan alone the other way": (Traits(pan_axis="0 0 -1"), {}),
    "fingers that open opposite ways": (Traits(second_finger='axis="1 0 0" range="-.035 0"'), {}),
    "an end for each finger": (
        Traits(second_finger='axis="1 0 0" range="-.035 0"'),
        {"gripper_closed_rad": [0.0, 0.0], "gripper_open_rad": [0.035, -0.035]},
    ),
    "no gripper": (PLAIN, {"gripper_joints": []}),
    "a keyframe": (Traits(after=KEYFRAME), {}),
    "a sensor of an actuator": (Traits(after=SENSOR), {}),
    "a geom called table": (Traits(before='<geom name="table" type="box" size=".1 .1 .01" pos="1 1 -.02"/>'), {}),
    "a camera called overview": (Traits(before='<camera name="overview" pos="1 0 1"/>'), {}),
    "a tool body in place of a site": (Traits(tool=""), {"tool_body": "of_j6", "tool_pos_m": [0.0, 0.0, 0.06]}),
}
REFUSED: dict[str, tuple[Traits, dict[str, object], str]] = {
    "no tool site": (Traits(tool=""), {}, r"unknown tool site 'tool'.*give tool_body, tool_pos_m and tool_quat"),
    "a short rest pose": (PLAIN, {"q_rest_rad": REST[:5]}, r"one angle for each of the 6 joint_names, received 5"),
    "rest outside its range": (
        PLAIN,
        {"q_rest_rad": [0.0, 0.05, 3.5, 0.0, 1.09, 0.0]},
        r"joint 'j3' at 3\.5, outside its range -3 to 3; give a rest pose inside the ranges",
    ),
    "rest outside the workspace": (
        Traits(base_z_m=0.4),
        {},
        r"z = 0\.664 m, outside its workspace 0\.01 to 0\.6 m; change q_rest_rad, or",
    ),
    "rest pointing up": (PLAIN, {"q_rest_rad": [0.0] * 6}, r"180 degrees from straight down.*give a q_rest_rad"),
    "jaws along y": (
        Traits(tool='<site name="tool" pos="0 0 .06" euler="0 0 1.5708"/>'),
        {},
        r"jaws must open along the x axis .* 90 degrees off\. Turn the frame",
    ),
    "a joint left out": (
        PLAIN,
        {"joint_names": ["j1", "j2", "j3", "j4", "j5"], "q_rest_rad": REST[:5]},
        r"the joints j6 move the tool and are not in joint_names; add them",
    ),
    "a finger's joint among the arm's": (
        PLAIN,
        {"joint_names": ["j1", "j2", "j3", "j4", "j5", "j6", "g1"], "q_rest_rad": [*REST, 0.0], "gripper_joints": []},
        r"the joints g1 do not move the tool frame 'tool'; those that do: j1, ",
    ),
    "an end outside the gripper's range": (
        PLAIN,
        {"gripper_open_rad": 0.5},
        r"joint 'g1' must be two different numbers within its range \[0, 0\.035\], received 0 and 0\.5",
    ),
    "no such file": (PLAIN, {"mjcf": "other.xml"}, r"no arm model '.*other\.xml'.*relative to the folder"),
    "a finger list of another length": (PLAIN, {"gripper_open_rad": [0.03]}, r"each of the 2 gripper_joints"),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("trait", OPEN)
def test_it_opens_reaches_and_goes_home(tmp_path: Path, trait: str) -> None:
    traits, values = OPEN[trait]
    scene = open_world(write(tmp_path, traits, **values), 0, ["red cube"])
    found = ArmDescription.of(scene.arm.spec, scene.model)
    assert found.kinematics_hash == scene.description.kinematics_hash and found.wrist is not None
    assert solved(scene, Task("reach", "red cube"), ticks=60)
    assert solved(scene, Task("home"), ticks=60)
    scene.close()


@pytest.mark.parametrize("trait", REFUSED)
def test_it_is_refused_with_the_remedy(tmp_path: Path, trait: str) -> None:
    traits, values, said = REFUSED[trait]
    with pytest.raises(RobotWMError, match=said) as error:
        open_world(write(tmp_path, traits, **values), 0)
    assert error.value.exit_status == 2


@pytest.mark.parametrize(("pan", "roll"), [("0 0 1", "0 0 1"), ("0 0 -1", "0 0 1"), ("0 0 1", "0 0 -1")])
def test_signs_are_those_of_the_kinematics(tmp_path: Path, pan: str, roll: str) -> None:
    scene = open_world(write(tmp_path, Traits(pan_axis=pan, roll_axis=roll)))
    arm, q = PanRoll.of(scene.description), np.array(REST)
    assert arm.pan_sign == float(pan.split()[2])
    assert arm.roll == 5 and arm.roll_sign == -float(roll.split()[2])  # upside down at rest
    moved = q + np.array([0.3, 0.0, 0.0, 0.0, 0.0, 0.2])
    x, y, _ = scene.kinematics.forward(moved).position_m.tolist()
    assert arm.bearing_rad(moved, scene.kinematics.position(moved)) == pytest.approx(math.atan2(y, x), abs=1e-6)
    turned = wrapped(scene.kinematics.heading(moved) - scene.kinematics.heading(q))
    assert turned == pytest.approx(arm.pan_sign * 0.3 + arm.roll_sign * 0.2, abs=0.01)
    scene.close()


def test_the_bearing_of_a_redundant_arm_is_its_tools(scene: Scene) -> None:
    arm = replace(PanRoll.of(scene.description), is_redundant=True)
    q, swung_m = scene.arm.spec.q_rest_rad, np.array([0.0388, 0.2, 0.05])  # while the pan stands still
    assert arm.bearing_rad(q, swung_m) == pytest.approx(math.pi / 2)


def test_the_so101_has_the_given_figures(scene: Scene) -> None:
    arm = PanRoll.of(scene.description)
    assert (arm.pan_sign, arm.pan_axis_m, arm.pan_offset_rad) == (-1.0, (0.0388, 0.0), 0.0)
    assert (arm.roll, arm.roll_sign, arm.is_complete) == (4, 1.0, True)
    assert scene.reach.area.working_radius_m == (0.075, 0.245)
    assert scene.hand.opening_for(0.03) == (math.radians(11.4) - math.radians(-10.0)) / math.radians(40.0)


def test_reach_is_what_inverse_kinematics_says(tmp_path: Path) -> None:
    scene = open_world(write(tmp_path, PLAIN))
    near, far = scene.reach.area.working_radius_m
    assert scene.reach.contains([(near + far) / 2, 0.0])
    assert not scene.reach.contains([far + 0.1, 0.0]) and not scene.reach.contains([0.0, 0.4])
    for seed in range(3):
        scene.reset(seed)
        for thing in scene.things().values():
            assert scene.reach.contains(thing.position_m.tolist())
    scene.close()


def test_parallel_jaws_grip_and_the_width_is_measured(tmp_path: Path) -> None:
    scene = open_world(write(tmp_path, PLAIN), 1, ["red cube", "blue bin"])
    assert scene.hand.cannot_grip == "" and scene.hand.opening_for(0.035) == pytest.approx(0.5, abs=0.01)
    assert solved(scene, Task("place", "red cube", "blue bin"))
    scene.close()


@pytest.mark.parametrize(
    ("traits", "values", "said"),
    [
        (PLAIN, {"gripper_joints": []}, "arm 'six' has no gripper"),
        (Traits(finger_shape='<geom type="box" size=".03 .01 .03"/>'), {}, "m apart when open, as their collision"),
    ],
)
def test_what_a_hand_cannot_do_is_not_feasible_and_is_refused(
    tmp_path: Path, traits: Traits, values: dict[str, object], said: str
) -> None:
    scene = open_world(write(tmp_path, traits, **values), 0, ["red cube", "blue bin"])
    tasks = feasible_tasks(Snapshot.of(scene), scene.arm.spec, scene.reach, scene.hand)
    assert Task("reach", "red cube") in tasks and Task("lift", "red cube") not in tasks
    with pytest.raises(RefusedError, match=said):
        Expert(Task("lift", "red cube"), scene)
    scene.close()


def test_an_arm_that_reaches_no_table_is_refused(tmp_path: Path) -> None:
    raised = {"workspace_min_m": [0.15, -0.5, 0.5], "workspace_max_m": [0.6, 0.5, 1.2]}
    with pytest.raises(ConfigError, match=r"reaches no table.*mount the base nearer"):
        open_world(write(tmp_path, Traits(base_z_m=0.8), **raised))


def test_a_collection_without_any_feasible_goal_ends_with_a_message(tmp_path: Path) -> None:
    scene = load_scene_config("tabletop", write(tmp_path, PLAIN, gripper_joints=[]))
    far = SceneConfig(arm=scene.arm, reach_m=(0.9, 1.1), target_reach_m=(0.9, 1.1))
    with (
        PlayEpisodes(far, CollectConfig()).opened() as make,
        pytest.raises(ConfigError, match=r"nothing to do on any of 50 tables.*leave reach_m and target_reach_m out"),
    ):
        make(0)


def test_an_episode_of_a_six_joint_arm_has_six_joints(tmp_path: Path) -> None:
    play = CollectConfig(play=PlayConfig(goals_min=1, goals_max=1, ticks_max=30))
    source = PlayEpisodes(load_scene_config("tabletop", write(tmp_path, PLAIN)), play)
    with source.opened() as make:
        episode = make(0)
    assert episode.columns["observation.state"].shape == (episode.length, len(state_names(6)))
    assert source.described()["arm"] == {"name": "six", "joint_names": ["j1", "j2", "j3", "j4", "j5", "j6"]}


def test_a_urdf_is_read(tmp_path: Path) -> None:
    (tmp_path / "arm.urdf").write_text(urdf())
    path = tmp_path / "arm.yaml"
    path.write_text(
        "name: gantry\nmjcf: arm.urdf\njoint_names: [x, y, z, w]\ngripper_joints: []\n"
        "tool_body: hand\ntool_quat: [0.0, 1.0, 0.0, 0.0]\ntool_pos_m: [0.0, 0.0, -0.02]\n"
        "q_rest_rad: [0.4, 0.0, 0.1, 0.0]\nworkspace_min_m: [0.1, -0.3, 0.01]\nworkspace_max_m: [0.6, 0.3, 0.5]\n"
        "servo: {gain_n_m_rad: 4000.0, damping_gain: 300.0, force_n_m: 200.0}\n"
    )
    scene = open_world(str(path), 0, ["red cube"])
    assert scene.arm.spec.joint_names == ("x", "y", "z", "w")
    assert solved(scene, Task("reach", "red cube"), ticks=60)
    scene.close()


def urdf() -> str:
    """Return a gantry: three slides and a turn of the hand."""
    inertia = '<inertia ixx="1e-3" iyy="1e-3" izz="1e-3" ixy="0" ixz="0" iyz="0"/>'
    joints = [
        ("x", "prismatic", "1 0 0", 0.0, 0.7),
        ("y", "prismatic", "0 1 0", -0.35, 0.35),
        ("z", "prismatic", "0 0 -1", 0.0, 0.38),
        ("w", "revolute", "0 0 -1", -3.1, 3.1),
    ]
    links = ["base", "bx", "by", "bz", "hand"]
    text = "".join(f'<link name="{link}"><inertial><mass value="0.5"/>{inertia}</inertial></link>' for link in links)
    for (name, kind, axis, low, high), parent, child in zip(joints, links, links[1:], strict=False):
        height = 0.4 if name == "x" else 0.0
        text += (
            f'<joint name="{name}" type="{kind}"><origin xyz="0 0 {height}"/><parent link="{parent}"/>'
            f'<child link="{child}"/><axis xyz="{axis}"/>'
            f'<limit lower="{low}" upper="{high}" effort="100" velocity="2"/></joint>'
        )
    return f'<robot name="gantry">{text}</robot>'


def test_a_urdf_finds_its_packages_and_its_odd_links_are_mended(tmp_path: Path) -> None:
    package = tmp_path / "gantry_description"
    (package / "urdf").mkdir(parents=True)
    (package / "hand.obj").write_text("v 0 0 0\nv .1 0 0\nv 0 .1 0\nv 0 0 .1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n")
    mesh = '<collision><geometry><mesh filename="package://gantry_description/hand.obj"/></geometry></collision>'
    odd = urdf().replace('<link name="bx"><inertial><mass value="0.5"/>', '<link name="bx"><inertial><mass value="0"/>')
    odd = odd.replace('ixx="1e-3"', 'ixx="1e-2"').replace('<link name="hand">', f'<link name="hand">{mesh}')
    (package / "urdf" / "arm.urdf").write_text(odd)
    spec = load_arm(gantry_of(package / "urdf" / "arm.urdf"))
    assert [each.file for each in spec.meshes] == [str(package / "hand.obj")]
    assert spec.compile().body("bx").mass > 0.0
    (package / "hand.obj").unlink()
    with pytest.raises(ConfigError, match=r"no gantry_description/hand\.obj in .* or a folder above it; put"):
        load_arm(gantry_of(package / "urdf" / "arm.urdf"))


def gantry_of(path: Path) -> ArmConfig:
    """Return the configuration of the gantry in a URDF."""
    return ArmConfig(
        name="gantry",
        mjcf=str(path),
        joint_names=("x", "y", "z", "w"),
        gripper_joints=(),
        q_rest_rad=(0.4, 0.0, 0.1, 0.0),
        workspace_min_m=(0.15, -0.5, 0.02),
        workspace_max_m=(0.6, 0.5, 0.6),
        tool_body="hand",
        tool_quat=(0.0, 1.0, 0.0, 0.0),
    )


def test_paths_count_from_the_folder_of_the_yaml(tmp_path: Path) -> None:
    arm = load_arm_config(write(tmp_path, PLAIN))
    assert arm.mjcf == str((tmp_path / "arm.xml").resolve())


def test_the_urdf_of_the_docs_reaches(tmp_path: Path) -> None:
    pytest.importorskip("pybullet_data")
    page = (Path(__file__).parents[2] / "docs" / "arms.md").read_text()
    (tmp_path / "panda.yaml").write_text(page.split("## A URDF")[1].split("```yaml")[1].split("```")[0])
    scene = open_world(str(tmp_path / "panda.yaml"), 0, ["red cube"])
    assert scene.hand.cannot_grip == scene.hand.cannot_push == ""
    assert solved(scene, Task("reach", "red cube"), ticks=60)
    scene.close()


def test_a_missing_model_is_looked_for_in_the_folder_of_the_yaml(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN, mjcf="other.xml")
    with pytest.raises(ConfigError, match=rf"looked for {tmp_path.resolve()}/other\.xml"):
        open_world(path, 0)


def test_a_collection_of_an_arm_that_does_not_fit_leaves_no_folder(tmp_path: Path) -> None:
    source = PlayEpisodes(load_scene_config("tabletop", write(tmp_path, Traits(tool=""))), CollectConfig())
    with pytest.raises(RobotWMError, match="unknown tool site"):
        collect(source, tmp_path / "play", episodes=1, seed=0, workers=1)
    assert not list(tmp_path.glob("play*"))
