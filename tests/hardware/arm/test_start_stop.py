"""Starting moves nothing, whatever the servos were told before; stopping tries every servo, whatever the others say."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from hardware.arm.calibration import Calibration, JointCalibration, centred
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import ArmFaultError, Kind
from hardware.arm.servo_family import GOAL
from hardware.arm.start_stop import release
from hardware.bus.base import ServoBus
from hardware.buses import bus_on
from hardware.emulator.faults import Fault
from robot_wm.errors import DeviceError
from robot_wm.types import ArmTarget
from tests.hardware.rigs import PROTOCOLS, EmulatedRig, emulated_rig, so101
from tests.hardware.unresponsive import IgnoresTorqueOff, IgnoresTorqueWrites

DEGREE = np.deg2rad(1.0)


def bus_beside(made: EmulatedRig) -> ServoBus:
    return bus_on(made.lockstep.open_port(made.config.baud), made.config.protocol)


def settle(made: EmulatedRig, seconds: float = 0.5) -> None:
    made.lockstep.wait_until(made.lockstep.now_s() + seconds)


def any_calibration(config: SerialArmConfig, rng: np.random.Generator) -> Calibration:
    """Zeros, directions and offsets drawn at random; the range is the whole turn."""
    zero, offset = rng.integers(1850, 2250, 6).tolist(), rng.integers(-300, 300, 6).tolist()
    direction = rng.choice([-1, 1], 6).tolist()
    parts = zip(config.all_joints, zero, direction, offset, strict=True)
    joints = (JointCalibration(joint.name, joint.servo, z, 0, 4095, d, o) for joint, z, d, o in parts)
    return Calibration(config.name, tuple(joints))


def moved_at_start_rad(protocol: str, seed: int) -> float:
    """How far the joint that moves most goes while an arm is started, from any pose, calibration and stale goals."""
    rng = np.random.default_rng(seed)
    config = so101(protocol)
    calibration = any_calibration(config, rng)
    made = emulated_rig(protocol, config=config, calibration=calibration, pose_rad=rng.uniform(-1.0, 1.0, 6))
    for servo, joint in zip(made.emulator.servos, calibration.joints, strict=True):
        servo.memory.store("homing_offset", joint.homing_offset_ticks)
        servo.memory.set(GOAL, int(rng.integers(0, 4096)))  # of yesterday; written from outside it would wake STS ones
    made.arm.connect()
    settle(made)
    assert all(made.torque_on)
    made.arm.release()
    assert not any(made.torque_on)
    return made.joints.moved_rad


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("seed", range(4))
def test_no_joint_moves_whatever_pose_calibration_and_stale_goal_it_finds(protocol: str, seed: int) -> None:
    assert moved_at_start_rad(protocol, seed) < DEGREE


@pytest.mark.slow
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_joint_moves_at_any_of_many_starts(protocol: str) -> None:
    assert max(moved_at_start_rad(protocol, seed) for seed in range(500)) < DEGREE


def test_a_held_arm_stays_held_when_it_is_connected() -> None:
    made = emulated_rig()
    bus = bus_beside(made)
    bus.sync_write(GOAL, {servo: bus.read(servo, "present_position") for servo in range(1, 7)})
    settle(made, 0.1)
    assert all(made.torque_on)
    made.arm.connect()
    assert all(made.torque_on)
    made.arm.close()


@pytest.mark.parametrize(
    ("register", "value", "words"),
    [
        ("homing_offset", 85, r"position offset 85, its calibration says 0.*arm calibrate"),
        ("operating_mode", 1, r"operating mode 1"),
        ("phase", 12 | 1 << 4, r"counts turns \(phase bit 4\)"),
        ("max_position", 1500, r"outside its own limits 0 to 1500"),
        ("max_temperature", 20, r"raises an alarm: overheating"),
    ],
)
def test_what_is_not_as_calibrated_is_refused_by_name_and_stays_released(register: str, value: int, words: str) -> None:
    made = emulated_rig()
    bus = bus_beside(made)
    bus.write(3, register, value)
    settle(made, 0.1)
    bus.close()
    with pytest.raises(DeviceError, match=rf"servo 3 \(elbow_flex\).*{words}"):
        made.arm.connect()
    assert not any(made.torque_on)


def test_a_missing_servo_is_refused_by_name() -> None:
    made = emulated_rig(faults=(Fault("drop", servos=(5,)),))
    with pytest.raises(DeviceError, match=r"no answer from servo 5 \(wrist_roll\); check power and cables"):
        made.arm.connect()


def test_a_pose_over_the_seam_is_read_as_the_angle_next_to_it() -> None:
    config = so101()
    joints = list(centred("so101", config.all_joints).joints)
    near = JointCalibration("shoulder_pan", 1, 1100.0, 0, 2200)
    calibration = Calibration("so101", (near, *joints[1:]))
    pose = np.array([*config.q_rest_rad, 0.0])
    pose[0] = -np.pi - 0.01  # 6 ticks below 0, where the emulated encoder's zero is 2048
    made = emulated_rig(calibration=calibration, pose_rad=pose)
    bus_beside(made).write(1, "max_position", 2200)
    with pytest.raises(DeviceError, match="outside its own limits 0 to 2200"):
        made.arm.connect()
    assert not any(made.torque_on)


@pytest.mark.parametrize("deaf", [{1}, {2, 4}, {1, 2, 3, 4, 5, 6}])
def test_every_servo_is_tried_and_those_that_still_hold_are_named(deaf: set[int]) -> None:
    made = emulated_rig()
    made.arm.connect()
    bus = IgnoresTorqueWrites(bus_beside(made), deaf, [])
    held = release(cast(ServoBus, bus), made.config.servos)
    assert set(bus.tried) == {1, 2, 3, 4, 5, 6}
    assert set(held) == deaf == {servo for servo, on in enumerate(made.torque_on, 1) if on}


def test_an_alarm_on_every_servo_does_not_keep_one_from_being_released() -> None:
    made = emulated_rig(faults=(Fault("overload", from_s=2.0),))
    made.arm.connect()
    made.lockstep.wait_until(2.1)
    with pytest.raises(ArmFaultError, match=r"servo alarm.*overload") as caught:
        made.arm.read()
    assert caught.value.fault.unreleased == ()
    assert not any(made.torque_on)
    with pytest.raises(ArmFaultError, match="servo alarm"):
        made.arm.command(ArmTarget(made.arm.spec.q_rest_rad, 0.5))
    settle(made)
    assert not any(made.torque_on)  # no goal was written, which on STS servos would have been torque


def test_a_stop_parks_first_and_says_what_it_could_not_release() -> None:
    made = emulated_rig(pose_rad=np.zeros(6), wrap_bus=lambda bus: cast(ServoBus, IgnoresTorqueOff(bus, {2}, [])))
    made.arm.connect()
    with pytest.raises(DeviceError, match=r"could not release servo 2 \(shoulder_lift\).*cut the arm's power"):
        made.arm.stop()
    assert np.abs(made.joints.angles()[:5] - made.arm.spec.q_rest_rad).max() < 0.1
    made.arm.stop()  # said once
    made.arm.close()


def test_a_failed_restart_releases_says_what_holds_and_the_next_command_starts_from_the_beginning() -> None:
    deaf: set[int] = set()
    made = emulated_rig(wrap_bus=lambda bus: cast(ServoBus, IgnoresTorqueWrites(bus, deaf, [])))
    made.arm.connect()
    rest = ArmTarget(made.arm.spec.q_rest_rad, 0.5)
    made.arm.stop()
    deaf.add(6)
    with pytest.raises(DeviceError):
        made.arm.command(rest)
    assert not made.arm.energised
    assert made.torque_on == (False,) * 5 + (True,)
    assert made.arm.unreleased and "may still be energised, cut the arm's power: servo 6 (gripper)" in made.warnings
    deaf.clear()
    made.arm.command(rest)
    assert all(made.torque_on)
    made.arm.close()


def test_a_reboot_in_the_middle_is_a_fault_and_not_a_new_start() -> None:
    made = emulated_rig(faults=(Fault("brown_out", from_s=1.0, until_s=1.05),))
    made.arm.connect()
    with pytest.raises(ArmFaultError) as caught:
        made.run(ArmTarget(made.arm.spec.q_rest_rad, 0.5), 4.0)
    assert caught.value.fault.kind in (Kind.SERVO_RESTARTED, Kind.UNPOWERED, Kind.SERVO_ALARM)
    settle(made)
    assert not any(made.torque_on)


def test_settings_are_written_where_they_differ_and_the_grippers_torque_is_its_own() -> None:
    config = so101()
    made = emulated_rig(config=replace(config, drive=replace(config.drive, registers={"position_p": 20})))
    with made.arm:
        bus = bus_beside(made)
        assert [bus.read(servo, "position_p") for servo in (1, 6)] == [20, 20]
        assert [bus.read(servo, "torque_limit") for servo in (1, 6)] == [1000, 500]
