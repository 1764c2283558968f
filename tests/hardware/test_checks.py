"""A configuration with a number that would make a guard blind or a servo run wild is refused, by name."""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from hardware.arm.calibration import JointModel
from hardware.arm.config import DriveConfig, GuardConfig
from hardware.arm.health import HealthConfig
from hardware.bus.transport import Timing
from hardware.supervisor.state_machine import ControllerTimeouts
from robot_wm.errors import ConfigError
from tests.hardware.rigs import so101

NUMBERS = [
    (make, each.name)
    for make in (DriveConfig, GuardConfig, HealthConfig, Timing, ControllerTimeouts)
    for each in fields(make)
    if isinstance(each.default, int | float)
]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -1.0])
@pytest.mark.parametrize(("make", "name"), NUMBERS)
def test_no_number_is_infinite_undefined_or_negative(make: Callable[..., Any], name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"{name} must be a finite number above 0.*received {value}; leave it out"):
        make(**{name: value})


def test_the_error_says_what_is_allowed_and_what_to_do() -> None:
    with pytest.raises(ConfigError) as caught:
        DriveConfig(torque_limit=1.5)
    assert str(caught.value) == (
        "drive: torque_limit must be a finite number above 0, at most 1; received 1.5; leave it out for 1"
    )
    with pytest.raises(ConfigError, match=r"guard: silent_reads_max .*received 0"):
        GuardConfig(silent_reads_max=0)
    assert DriveConfig(bus_watchdog_s=0.0).bus_watchdog_s == 0.0  # is off


@pytest.mark.parametrize("name", ["goal_position", "torque_enable", "homing_offset", "id"])
def test_a_setting_that_would_move_or_rename_a_servo_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"neither move nor rename a servo; received '{name}'; remove it"):
        DriveConfig(registers={"position_p": 16, name: 1})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dq_max_rad_s": math.inf}, "arm 'so101': dq_max_rad_s must be a finite number above 0"),
        ({"rate_hz": 0.0}, "rate_hz must be"),
        ({"gripper_open_rad": -0.17, "gripper_closed_rad": -0.17}, "the gripper's closed and open angle must be"),
        ({"workspace_max_m": (1.0, math.nan, 1.0)}, "least and greatest y must be finite and increasing"),
    ],
)
def test_an_arm_without_limits_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replace(so101(), **change)


def test_a_joint_has_a_range() -> None:
    with pytest.raises(ConfigError, match="joint 'pan': q_min_rad and q_max_rad must be finite and increasing"):
        JointModel("pan", 1, 1.0, -1.0)
