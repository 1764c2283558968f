"""Laws of the motors: torque falls with speed, an overload cuts it back, and states can be restored."""

import pytest

from robot_wm.errors import ConfigError
from sim.motor import MotorConfig, Motors

FALLING = MotorConfig(no_load_speed_rad_s=4.0)
PROTECTED = MotorConfig(overload_s=2.0)
BLOCK_S = 0.5


def test_nothing_is_limited_by_default() -> None:
    assert not MotorConfig().limited
    assert Motors([MotorConfig()]).limits([1.0], [100.0], BLOCK_S) == [(-1.0, 1.0)]


@pytest.mark.parametrize(("speed_rad_s", "most"), [(0.0, 1.0), (1.0, 0.75), (4.0, 0.0), (9.0, 0.0), (-2.0, 1.0)])
def test_torque_falls_with_speed_in_its_direction(speed_rad_s: float, most: float) -> None:
    assert Motors([FALLING]).limits([0.5], [speed_rad_s], BLOCK_S)[0][1] == pytest.approx(most)
    assert Motors([FALLING]).limits([0.5], [-speed_rad_s], BLOCK_S)[0][0] == pytest.approx(-most)


def test_an_overload_cuts_back_after_its_time_and_not_before() -> None:
    motors = Motors([PROTECTED, PROTECTED])
    given = [motors.limits([0.9, 0.7], [0.0, 0.0], BLOCK_S) for _ in range(4)]
    assert [limits[0][1] for limits in given] == [1.0, 1.0, 1.0, 0.2]
    assert all(limits[1] == (-1.0, 1.0) for limits in given)


def test_an_interrupted_overload_restarts_its_count() -> None:
    motors = Motors([PROTECTED])
    for share in (0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9):
        assert motors.limits([share], [0.0], BLOCK_S) == [(-1.0, 1.0)]


def test_it_stays_cut_back_until_it_pushes_the_other_way() -> None:
    motors = Motors([PROTECTED])
    for _ in range(4):
        motors.limits([-0.9], [0.0], BLOCK_S)
    assert motors.limits([-0.2], [0.0], BLOCK_S) == [(-0.2, 0.2)]
    assert motors.limits([0.1], [0.0], BLOCK_S) == [(-1.0, 1.0)]


def test_reset_clears_overloads_and_a_state_can_be_restored() -> None:
    motors = Motors([PROTECTED])
    for _ in range(3):
        motors.limits([0.9], [0.0], BLOCK_S)
    memory = motors.state()
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 0.2
    motors.set_state(memory)
    assert motors.limits([0.1], [0.0], BLOCK_S)[0][1] == 1.0
    motors.set_state(memory)
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 0.2
    motors.reset()
    assert motors.limits([0.9], [0.0], BLOCK_S)[0][1] == 1.0


def test_impossible_motors_are_refused() -> None:
    with pytest.raises(ConfigError, match="overload_left must be under overload_share"):
        MotorConfig(overload_left=0.9)
    with pytest.raises(ConfigError, match="must be 0 \\(off\\) or more"):
        MotorConfig(no_load_speed_rad_s=-1.0)
