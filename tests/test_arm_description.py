"""Laws of an arm's description: it is what the kinematics say, for any joint count, type and direction of axes."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.arm_description import ArmDescription
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics, ToolPose
from robot_wm.types import ArmSpec
from tests.arms import GANTRY, GANTRY_TOOL, SCARA, SEVEN, SEVEN_REST, SIX, SIX_REST, arm_spec
from tests.world_model.toy import SO101


def planar(folder: Path, first: str, last: str) -> ArmSpec:
    """A five-axis arm like the SO-101 whose first and last axes turn as asked."""
    joints = [SIX[0].replace("0 0 1", first), SIX[1], SIX[2], '0 0 0.25|axis="0 1 0"', SIX[5].replace("0 0 1", last)]
    return arm_spec(folder, joints, [0.0, 0.05, 2.0, 1.0916, 0.0])


def test_the_so101_has_the_numbers_of_its_model() -> None:
    assert [joint.at_m for joint in SO101.joints] == [
        (0.0388, 0.0, 0.0624),
        (0.0304, -0.0183, 0.0542),
        (0.028, 0.0, 0.1126),
        (0.1349, 0.0, 0.0052),
        (0.0611, 0.0183, 0.0),
    ]
    assert SO101.joints[0].axis == (0.0, 0.0, -1.0) and SO101.joints[4].axis == (-1.0, 0.0, 0.0)
    assert SO101.landmarks_m == ((0.0982, 0.0, -0.0079), (0.06, 0.0, -0.0079), (0.0982, 0.0, -0.0229))
    assert SO101.wrist is not None and SO101.wrist.eye_m == (0.028, -0.066, 0.001)
    assert SO101.wrist.quaternion == (0.66978411, 0.22669196, -0.66978411, 0.22669196) and SO101.wrist.fovy_deg == 76.0
    assert SO101.heading_signs == (-1, 0, 0, 0, 1) and SO101.heading_zero_rad == 0.0
    SO101.check()


@pytest.mark.parametrize(
    ("first", "last", "signs"),
    [
        ("0 0 1", "0 0 1", (1, 0, 0, 0, -1)),
        ("0 0 -1", "0 0 -1", (-1, 0, 0, 0, 1)),
        ("0 0 1", "0 0 -1", (1, 0, 0, 0, 1)),
    ],
)
def test_signs_say_how_joints_turn_a_tool_that_points_down(
    tmp_path: Path, first: str, last: str, signs: tuple[int, ...]
) -> None:
    spec = planar(tmp_path, first, last)
    found, kinematics = ArmDescription.of(spec), Kinematics(spec)
    assert found.turn_signs == found.heading_signs == signs
    start, q = kinematics.heading(spec.q_rest_rad), spec.q_rest_rad.copy()
    for joint, sign in enumerate(signs):
        moved = q.copy()
        moved[joint] += 0.2 * abs(sign)
        assert math.remainder(kinematics.heading(moved) - start, 2 * math.pi) == pytest.approx(0.2 * sign, abs=1e-6)


def heading_error(spec: ArmSpec, places: list[ToolPose]) -> float:
    """How far the signed sum of joint angles is from the heading at places where the tool points down, rad."""
    found, kinematics = ArmDescription.of(spec), Kinematics(spec)
    worst = 0.0
    for place in places:
        q = kinematics.solve(place, spec.q_rest_rad)
        assert kinematics.tilt(q) < 0.01
        summed = float(np.dot(found.heading_signs, q)) + found.heading_zero_rad
        worst = max(worst, abs(math.remainder(summed - kinematics.heading(q), 2 * math.pi)))
    return worst


def test_where_the_heading_is_a_sum_it_is_so_everywhere(tmp_path: Path) -> None:
    places = [
        ToolPose(np.array([x, y, 0.2]), yaw) for x, y, yaw in ((0.3, 0.1, 0.3), (0.35, -0.1, -0.8), (0.3, 0, 1.2))
    ]
    assert heading_error(planar(tmp_path, "0 0 1", "0 0 -1"), places) < 0.01
    assert heading_error(arm_spec(tmp_path, GANTRY, [0.4, 0.0, 0.1, 0.0], GANTRY_TOOL), places) < 0.01
    assert heading_error(arm_spec(tmp_path, SCARA, [0.3, -0.9, 0.1, 0.0], GANTRY_TOOL), places) < 0.01


@pytest.mark.parametrize(("joints", "rest"), [(SIX, SIX_REST), (SEVEN, SEVEN_REST)])
def test_six_and_seven_joints_are_all_there(tmp_path: Path, joints: list[str], rest: list[float]) -> None:
    found = ArmDescription.of(arm_spec(tmp_path, joints, rest))
    found.check()
    n = len(joints)
    assert found.n_joints == len(found.joint_names) == len(found.turn_signs) == n
    assert found.state_names[n - 1 : n + 1] == (f"q{n - 1}", "dq0")
    assert (found.turn_signs[0], found.turn_signs[-1]) == (1, -1)
    assert found.heading_signs == ()  # an axis along the forearm: no sum of angles is the heading


def test_slides_are_slides_and_turn_nothing(tmp_path: Path) -> None:
    found = ArmDescription.of(arm_spec(tmp_path, GANTRY, [0.4, 0.0, 0.1, 0.0], GANTRY_TOOL))
    assert [joint.slide for joint in found.joints] == [True, True, True, False]
    assert found.turn_signs == (0, 0, 0, -1)
    np.testing.assert_allclose(found.home.position_m, [0.4, 0.0, 0.18], atol=1e-9)


def test_the_hash_is_of_the_motion_not_of_names_ranges_and_cameras(tmp_path: Path) -> None:
    one = ArmDescription.of(arm_spec(tmp_path, SIX, SIX_REST))
    narrow = replace(arm_spec(tmp_path, SIX, SIX_REST, tail=""), name="other", q_min_rad=np.full(6, -2.5))
    assert ArmDescription.of(narrow).kinematics_hash == one.kinematics_hash
    longer = ArmDescription.of(arm_spec(tmp_path, [*SIX[:2], '0 0 0.301|axis="0 1 0"', *SIX[3:]], SIX_REST))
    assert longer.kinematics_hash != one.kinematics_hash
    assert SO101.kinematics_hash == ArmDescription.of(fake_spec()).kinematics_hash


def test_a_camera_that_is_not_on_the_last_link_is_no_wrist_camera(tmp_path: Path) -> None:
    assert ArmDescription.of(arm_spec(tmp_path, SIX, SIX_REST)).wrist is not None
    assert ArmDescription.of(arm_spec(tmp_path, SIX, SIX_REST, tail="")).wrist is None


def test_a_tool_frame_that_does_not_point_down_at_rest_is_named_with_its_tilt(tmp_path: Path) -> None:
    spec = arm_spec(tmp_path, SIX, SIX_REST, tool='<site name="tool" pos="0 0 0.06" xyaxes="0 0 -1 0 1 0"/>')
    with pytest.raises(
        ConfigError, match=r"z axis of tool frame 'tool' is 90 degrees from straight down.*turn the frame"
    ):
        ArmDescription.of(spec).check()


def test_a_rest_pose_outside_ranges_or_box_is_named(tmp_path: Path) -> None:
    spec = arm_spec(tmp_path, SIX, SIX_REST)
    with pytest.raises(ConfigError, match=r"puts joint 'j3' at 2, outside its range -3 to 1.5"):
        ArmDescription.of(replace(spec, q_max_rad=np.array([3.0, 3.0, 1.5, 3.0, 3.0, 3.0]))).check()
    with pytest.raises(ConfigError, match=r"the tool is at z = .* outside its workspace 0.5 to 1.5 m"):
        ArmDescription.of(replace(spec, workspace_min_m=np.array([-1.0, -1.0, 0.5]))).check()


def test_what_is_no_chain_of_named_joints_is_refused(tmp_path: Path) -> None:
    spec = arm_spec(tmp_path, SIX, SIX_REST)
    with pytest.raises(ConfigError, match=r"q_rest_rad needs 6 numbers, .* received 5"):
        ArmDescription.of(replace(spec, q_rest_rad=np.zeros(5)))
    with pytest.raises(ConfigError, match=r"joint 'j2' does not carry 'j1'.*from base to tip"):
        ArmDescription.of(replace(spec, joint_names=("j2", "j1", *spec.joint_names[2:])))
    with pytest.raises(UnknownNameError, match="unknown tool site 'hand'; known: tool"):
        ArmDescription.of(replace(spec, tool_frame="hand"))
