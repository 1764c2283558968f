"""Laws of the set point: never faster, never more sudden than allowed, and it arrives."""

import math

from hypothesis import given
from hypothesis import strategies as st

from hardware.emulator.profile import Profile

DT_S = 0.005


@given(
    goals=st.lists(st.floats(-4000.0, 4000.0), min_size=1, max_size=5),
    speed=st.floats(100.0, 4000.0),
    acceleration=st.floats(500.0, 30_000.0),
)
def test_speed_and_acceleration_stay_within_bounds_and_the_goal_is_reached(
    goals: list[float], speed: float, acceleration: float
) -> None:
    profile = Profile()
    for goal in goals:
        for _ in range(40):  # the next goal comes on the way
            before = profile.velocity
            profile.advance(goal, speed, acceleration, DT_S)
            assert abs(profile.velocity) <= speed + 1e-6
            stops = profile.position == goal  # the last fraction of a tick is not split
            assert stops or abs(profile.velocity - before) <= acceleration * DT_S + 1e-6
    for _ in range(math.ceil((8000.0 / speed + 3.0 * speed / acceleration) / DT_S) + 200):
        profile.advance(goals[-1], speed, acceleration, DT_S)
    assert profile.arrived(goals[-1])


def test_without_bounds_it_steps() -> None:
    profile = Profile()
    profile.advance(1000.0, math.inf, math.inf, DT_S)
    assert profile.position == 1000.0
