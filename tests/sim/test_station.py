"""The simulated station: the oracle succeeds on it, bumps move things, and judges allow for bumps."""

import numpy as np
import pytest

from robot_wm.action_space import CartesianActions
from robot_wm.control.loop import run_goal
from robot_wm.errors import UnknownNameError
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.records import Decision, GoalResult
from sim.station import SimStation, mujoco_station
from sim.suites import tabletop, tabletop_shifted

NAMES = ("red cube", "green cube", "blue pad")
LIFT = Task("lift", "red cube")
REACH = Task("reach", "red cube")
NOTHING = Decision(np.zeros(5))


@pytest.fixture(scope="module")
def station() -> SimStation:
    return mujoco_station("tabletop")


def pursue(station: SimStation, task: Task, seed: int = 4) -> GoalResult:
    actions = CartesianActions(Kinematics(station.arm.spec))
    oracle, judge = station.expert(task, seed), station.judge(task)
    return run_goal(station.arm, {}, station.clock, oracle, actions, judge, 150)


def test_the_oracle_succeeds_by_the_simulators_verdict(station: SimStation) -> None:
    assert station.simulation is station
    with station:
        station.reset(4, NAMES)
        result = pursue(station, LIFT)
    assert result.done
    assert result.judged_by == "simulator"


def test_the_same_seed_gives_the_same_episode(station: SimStation) -> None:
    with station:
        ticks = []
        for _ in range(2):
            station.reset(9, NAMES)
            ticks.append((pursue(station, LIFT).ticks, station.clock.now_s(), tuple(station.arm.read().q_rad)))
    assert ticks[0] == ticks[1]


def test_away_starts_off_the_rest_pose(station: SimStation) -> None:
    with station:
        station.reset(4, NAMES, away=True)
        assert not station.judge(Task("home")).already_done
        station.reset(4, NAMES)
        assert station.judge(Task("home")).already_done


def test_a_bump_moves_a_thing_and_does_not_fail_a_reach(station: SimStation) -> None:
    with station:
        station.reset(4, NAMES)
        judge = station.judge(REACH)
        before = station._scene.things()["red cube"].position_m
        assert station.bump("red cube", 1)
        for _ in range(6):
            station.clock.wait_until(station.clock.now_s() + 0.1)
            judge.update(NOTHING)
        moved_m = float(np.linalg.norm(station._scene.things()["red cube"].position_m - before))
        assert 0.003 < moved_m < 0.08
        assert station.settled_bumps == 1
        assert pursue(station, REACH).done


def test_a_held_thing_is_not_bumped(station: SimStation) -> None:
    with station:
        station.reset(4, NAMES)
        assert pursue(station, LIFT).done
        assert not station.bump("red cube", 1)
        assert not station.bump("blue pad", 1)  # nobody bumps what lies flat and fixed


def test_goals_about_absent_things_are_refused(station: SimStation) -> None:
    with station:
        station.reset(4, NAMES)
        with pytest.raises(UnknownNameError, match="unknown thing on this table 'purple cube'"):
            station.judge(Task("lift", "purple cube"))


def test_pictures_for_people_are_large(station: SimStation) -> None:
    with station:
        station.reset(4, NAMES)
        picture = station.picture()
    assert picture.shape == (512, 512, 3)
    assert picture.std() > 10.0


def test_suites_open_their_scenes() -> None:
    assert tabletop().bumps is None
    assert tabletop_shifted().bumps is not None
    for suite in (tabletop(), tabletop_shifted()):
        assert suite.ticks_for("stack") == 150
        assert suite.ticks_for("reach") < 150
        assert isinstance(mujoco_station(suite.scene), SimStation)
    with pytest.raises(UnknownNameError, match="tabletopp"):
        mujoco_station("tabletopp")
