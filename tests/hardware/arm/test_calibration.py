"""Ticks and radians: round trips, the seam, what is refused, and LeRobot's file."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.arm.calibration import (
    RAD_PER_TICK,
    Calibration,
    JointCalibration,
    JointModel,
    centred,
    load_calibration,
    save_calibration,
)
from robot_wm.errors import ConfigError, UnknownNameError

PAN = JointModel("pan", 1, -1.9, 1.9)
ROLL = JointModel("roll", 2, -2.74, 2.84, direction=-1)
LEROBOT = {
    "pan": {"id": 1, "drive_mode": 0, "homing_offset": -1200, "range_min": 800, "range_max": 3300},
    "roll": {"id": 2, "drive_mode": 0, "homing_offset": 85, "range_min": 0, "range_max": 4095},
}


@st.composite
def joints(draw: st.DrawFn) -> JointCalibration:
    low = draw(st.integers(0, 4000))
    high = draw(st.integers(low + 1, 4095))
    return JointCalibration("j", 1, draw(st.floats(0.0, 4095.0)), low, high, draw(st.sampled_from([-1, 1])))


@given(joints(), st.data())
def test_ticks_to_radians_and_back_is_the_same_tick(joint: JointCalibration, data: st.DataObject) -> None:
    ticks = data.draw(st.integers(joint.min_ticks, joint.max_ticks))
    assert joint.ticks(joint.angle_rad(ticks)) == ticks


@given(joints(), st.integers(0, 4095), st.integers(-3, 3))
def test_whole_turns_make_no_difference_to_a_reading(joint: JointCalibration, ticks: int, turns: int) -> None:
    assert joint.angle_rad(ticks + 4096 * turns) == pytest.approx(joint.angle_rad(ticks), abs=1e-9)


@given(joints(), st.integers(-200, 200))
def test_small_steps_are_small_angles_wherever_the_seam_is(joint: JointCalibration, step: int) -> None:
    start = joint.max_ticks  # and on past the end of the range, over 4095
    inside = abs(start + step - joint.middle_ticks) < 2048
    if inside:
        moved = joint.angle_rad((start + step) % 4096) - joint.angle_rad(start)
        assert moved == pytest.approx(joint.direction * step * RAD_PER_TICK, abs=1e-9)


def test_a_joint_just_past_the_seam_reads_just_past_the_end_of_its_range() -> None:
    joint = JointCalibration("lift", 2, 1000.0, 5, 2000)
    assert joint.unwrapped(4093) == -3
    assert joint.angle_rad(4093) == pytest.approx(-1003 * RAD_PER_TICK)


@pytest.mark.parametrize(("low", "high"), [(3900, 200), (0, 4096), (-5, 100), (7, 7)])
def test_a_range_over_the_seam_is_refused_with_the_remedy(low: int, high: int) -> None:
    with pytest.raises(ConfigError, match="robot-wm arm calibrate"):
        JointCalibration("lift", 2, 2048.0, low, high)


def test_goals_never_leave_the_encoders_turn() -> None:
    calibration = centred("arm", (PAN, ROLL))
    assert calibration.goals(np.array([50.0, 50.0])) == {1: 4095, 2: 0}


def test_direction_turns_angles_and_speeds_round() -> None:
    calibration = centred("arm", (PAN, ROLL))
    np.testing.assert_allclose(calibration.angles_rad({1: 2148, 2: 2148}), [100 * RAD_PER_TICK, -100 * RAD_PER_TICK])
    np.testing.assert_allclose(calibration.speeds_rad_s({1: 0.5, 2: 0.5}), [0.5, -0.5])


def test_a_saved_calibration_is_read_back_equal_in_the_models_order(tmp_path: Path) -> None:
    calibration = centred("so101", (PAN, ROLL))
    save_calibration(Calibration("so101", calibration.joints[::-1]), tmp_path / "new" / "so101.yaml")
    assert load_calibration(tmp_path / "new" / "so101.yaml", (PAN, ROLL), "so101") == calibration


def test_a_calibration_of_another_direction_is_refused(tmp_path: Path) -> None:
    save_calibration(centred("so101", (PAN, ROLL)), tmp_path / "c.yaml")
    with pytest.raises(ConfigError, match="roll had another direction in the arm's file; run: robot-wm arm calibrate"):
        load_calibration(tmp_path / "c.yaml", (PAN, replace(ROLL, direction=1)), "so101")


def test_lerobots_file_carries_over(tmp_path: Path) -> None:
    path = tmp_path / "my_arm.json"
    path.write_text(json.dumps(LEROBOT))
    pan, roll = load_calibration(path, (PAN, ROLL), "so101").joints
    assert pan.angle_rad(2050) == pytest.approx(0.0)  # the middle of a symmetric range is the model's zero
    assert (pan.min_ticks, pan.max_ticks, pan.homing_offset_ticks) == (800, 3300, -1200)
    assert roll.angle_rad(2047.5) == pytest.approx(0.0)  # of a whole turn, the pose that was held
    assert roll.angle_rad(2147.5) == pytest.approx(-100 * RAD_PER_TICK)


def test_an_asymmetric_range_puts_the_zero_where_the_model_has_it() -> None:
    from hardware.arm.calibration import from_lerobot

    gripper = JointModel("gripper", 6, np.deg2rad(-10), np.deg2rad(100))
    values = {"gripper": {"id": 6, "drive_mode": 0, "homing_offset": 0, "range_min": 2000, "range_max": 3251}}
    joint = from_lerobot(values, (gripper,), "so101", "file").joints[0]
    assert joint.range_rad == pytest.approx((np.deg2rad(-10), np.deg2rad(100)), abs=2e-3)


def test_what_is_missing_or_unknown_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not calibrated.*robot-wm arm calibrate"):
        load_calibration(tmp_path / "none.yaml", (PAN,), "so101")
    path = tmp_path / "arm.json"
    path.write_text(json.dumps(LEROBOT))
    with pytest.raises(UnknownNameError, match="roll"):
        load_calibration(path, (PAN,), "so101")
    with pytest.raises(ConfigError, match="missing lift"):
        load_calibration(path, (PAN, ROLL, JointModel("lift", 3, -1, 1)), "so101")
    path.write_text(json.dumps({"pan": {"id": 1}}))
    with pytest.raises(ConfigError, match="range_max"):
        load_calibration(path, (PAN,), "so101")
    path.write_text("{")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_calibration(path, (PAN,), "so101")
    with pytest.raises(ConfigError, match="servo 1 occurs twice"):
        Calibration("arm", (JointCalibration("a", 1, 0.0, 0, 9), JointCalibration("b", 1, 0.0, 0, 9)))
