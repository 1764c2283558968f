"""`--arm pybullet` is a simulated station on which the oracle succeeds as in MuJoCo."""

import subprocess
import sys

import pytest

from robot_wm import registry
from robot_wm.action_space import CartesianActions
from robot_wm.control.loop import run_goal
from robot_wm.errors import UnknownNameError
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from sim.bullet.station import pybullet_station
from sim.station import SimStation

NAMES = ("red cube", "green cube", "blue bin", "yellow pad")
TASKS = (
    Task("reach", "red cube"),
    Task("push", "red cube", direction="left"),
    Task("push_to", "red cube", "yellow pad"),
    Task("lift", "red cube"),
    Task("place", "red cube", "blue bin"),
    Task("stack", "red cube", "green cube"),
)


@pytest.fixture(scope="module")
def station() -> SimStation:
    return pybullet_station("tabletop")


def test_it_is_found_by_name(station: SimStation) -> None:
    assert registry.find(registry.ARMS, "pybullet") is pybullet_station
    assert station.simulation is station
    assert station.arm.spec.name == "pybullet"
    with pytest.raises(UnknownNameError, match="tabletopp"):
        pybullet_station("tabletopp")


@pytest.mark.parametrize("task", TASKS, ids=Task.words)
def test_the_oracle_succeeds_by_the_simulators_verdict(station: SimStation, task: Task) -> None:
    actions = CartesianActions(Kinematics(station.arm.spec))
    with station:
        station.reset(4, NAMES)
        oracle, judge = station.expert(task, 4), station.judge(task)
        result = run_goal(station.arm, {}, station.clock, oracle, actions, judge, 150)
    assert result.done and not result.already_done
    assert result.judged_by == "simulator"


def test_opening_it_prints_nothing() -> None:
    opened = "with pybullet_station('tabletop') as s: s.reset(0); s.picture()"
    code = f"from sim.bullet.station import pybullet_station\n{opened}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
