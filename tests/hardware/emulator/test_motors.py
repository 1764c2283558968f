"""Laws of the motors: torque falls with speed and supply, gears have play, work makes heat."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.emulator.models import servo_model
from hardware.emulator.motors import AMBIENT_C, MotorCommand, Motors, MotorSpec, Supply
from hardware.emulator.physics import TICK_S, Drives
from robot_wm.errors import UnknownNameError
from tests.hardware.emulator.talking import Joints

FIGURES = servo_model("STS3215-12V").motor
TIGHT = replace(FIGURES, backlash_rad=0.0, gear_friction_n_m=0.0)
FULL = MotorCommand(feed_n_m=100.0, duty_limit=1.0)


class Joint(Joints):
    """One joint that remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__(["joint"])
        self.asked: list[Drives] = []

    def step(self, drives: Drives) -> None:
        self.asked.append(drives)
        super().step(drives)


def run(figures: MotorSpec, order: MotorCommand, ticks: int, volts: float = 12.0) -> tuple[Motors, Joint]:
    joint = Joint()
    motors = Motors([figures], Supply(volts, 0.0), joint)
    for _ in range(ticks):
        motors.step([order])
    return motors, joint


@pytest.mark.parametrize(("volts", "share"), [(12.0, 1.0), (9.0, 0.75)])
def test_full_duty_ends_at_the_no_load_speed_which_goes_with_the_supply(volts: float, share: float) -> None:
    _, joint = run(TIGHT, FULL, 1000, volts)
    drag = 0.05 / (0.05 + FIGURES.stall_n_m / FIGURES.no_load_rad_s)  # of the joint's own viscous friction
    assert joint.speeds()[0] == pytest.approx(share * FIGURES.no_load_rad_s * (1.0 - drag), rel=0.01)


def test_the_first_push_is_the_stall_torque() -> None:
    _, joint = run(TIGHT, FULL, 1)
    assert joint.asked[0].high_n_m[0] == pytest.approx(FIGURES.stall_n_m)


def test_half_the_duty_is_half_the_stall_torque() -> None:
    _, joint = run(TIGHT, replace(FULL, duty_limit=0.5), 1)
    assert joint.asked[0].high_n_m[0] == pytest.approx(FIGURES.stall_n_m / 2)


def test_without_duty_the_motor_coasts() -> None:
    motors, joint = run(TIGHT, MotorCommand(), 10)
    assert joint.asked[-1].low_n_m[0] == joint.asked[-1].high_n_m[0] == 0.0
    assert motors.readings()[0].duty == 0.0


def test_a_motor_that_turns_round_crosses_the_play_of_its_gears_first() -> None:
    joint = Joint()
    motors = Motors([replace(FIGURES, gear_friction_n_m=0.0)], Supply(12.0, 0.0), joint)
    for _ in range(20):
        motors.step([MotorCommand(feed_n_m=0.5, duty_limit=1.0)])
    joint.place(0, 0.0)
    torques = []
    for _ in range(20):
        motors.step([MotorCommand(feed_n_m=-0.5, duty_limit=1.0)])
        torques.append(joint.torques()[0])
    crossing_s = FIGURES.backlash_rad / (FIGURES.no_load_rad_s * 0.5 / FIGURES.stall_n_m)
    silent = torques.count(0.0)
    assert abs(silent * TICK_S - crossing_s) <= 2 * TICK_S
    assert torques[silent:] == pytest.approx([-0.5] * (20 - silent))


def test_all_motors_pull_the_supply_down_together() -> None:
    joints = Joints()
    motors = Motors([TIGHT] * 6, Supply(12.0, 0.2), joints)
    motors.blocked[:] = True
    for _ in range(10):
        motors.step([FULL] * 6)
    assert 12.0 - 0.2 * 6 * 2.8 < motors.volts < 11.0


def test_a_blocked_motor_grows_hot_and_an_idle_one_stays_cool() -> None:
    joints = Joints()
    motors = Motors([TIGHT] * 6, Supply(12.0), joints)
    motors.blocked[:] = True
    for _ in range(1000):
        motors.step([FULL, *[MotorCommand()] * 5])
    assert motors.temperature_c[0] > AMBIENT_C + 2.0
    assert np.all(motors.temperature_c[1:] == AMBIENT_C)


def test_a_model_that_nobody_makes_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="STS3215-12V"):
        servo_model("STS3215")
