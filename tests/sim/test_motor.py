"""Laws of the motors: torque falls with speed, an overload cuts it back, and all of it can be gone back to."""

import pytest

from robot_wm.errors import ConfigError
from sim.motor import MotorConfig, Motors

FALLING = MotorConfig(no_load_speed_rad_s=4.0)
PROTECTED = MotorConfig(overload_s=2.0)
BLOCK_S = 0.5


def test_nothing_is_limited_unless_asked_for() -> None:
    assert not MotorConfig().limited
    assert Motors([MotorConfig()]).limits([1.0], [100.0], BLOCK_S) == [(-1.0, 1.0)]


@pytest.mark.parametrize(("speed_rad_s", "most"), [(0.0, 1.0), (1.0, 0.75), (4.0, 0.0), (9.0, 0.0), (-2.0, 1.0)])
def test_torque_falls_with_the_speed_it_goes_along_with(speed_rad_s: float, most: float) -> None:
    assert Motors([FALLING]).limits([0.5], [speed_rad_s], BLOCK_S)[0][1] == pytest.approx(most)
    assert Motors([FALLING]).limits([0.5], [-speed_rad_s], BLOCK_S)[0][0] == pytest.approx(-most)


def test_an_overload_cuts_back_after_its_time_and_not_before() -> None:
    motors = Motors([PROTECTED, PROTECTED])
    given = [motors.limits([0.9, 0.7], [0.0, 0.0], BLOCK_S) for _ in range(4)]
    assert [limits[0][1] for limits in given] == [1.0, 1.0, 1.0, 0.2]
    assert all(limits[1] == (-1.0, 1.0) for limits in given)


def test_a_load_that_pauses_is_counted_anew() -> None:
    motors = Motors([PROTECTED])
    for share in (0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9):
        assert motors.limits([share], [0.0], BLOCK_S) == [(-1.0, 1.0)]


def test_it_stays_cut_back_until_asked_the_other_way() -> None:
    motors = Motors([PROTECTED])
    for _ in range(4):
        motors.limits([-0.9], [0.0], BLOCK_S)
    assert motors.limits([-0.2], [0.0], BLOCK_S) == [(-0.2, 0.2)]
    assert motors.limits([0.1], [0.0], BLOCK_S) == [(-1.0, 1.0)]


def test_rest_forgets_and_a_state_is_gone_back_to() -> None:
    motors = Motors([PROTECTED])
    for _ in range(3):
        motors.limits([0.9], [0.0], BLOCK_S)
    memory = motors.state()
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 0.2
    motors.set_state(memory)
    assert motors.limits([0.1], [0.0], BLOCK_S)[0][1] == 1.0
    motors.set_state(memory)
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 0.2
    motors.rest()
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 1.0


def test_what_no_motor_does_is_refused() -> None:
    with pytest.raises(ConfigError, match="overload_left must be under overload_share"):
        MotorConfig(overload_left=0.9)
    with pytest.raises(ConfigError, match="must be 0 \\(off\\) or more"):
        MotorConfig(no_load_speed_rad_s=-1.0)
