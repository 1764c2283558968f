"""`--arm pybullet` is a simulated bench on which the oracle does what it does in MuJoCo."""

import subprocess
import sys

import pytest

from robot_wm import registry
from robot_wm.actions import CartesianActions
from robot_wm.control.bench import SimulatedBench
from robot_wm.control.loop import run_goal
from robot_wm.errors import UnknownNameError
from robot_wm.kinematics import Kinematics
from robot_wm.tasks import Task
from sim.bullet.bench import pybullet_bench
from sim.workbench import SimBench

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
def bench() -> SimBench:
    return pybullet_bench("tabletop")


def test_it_is_found_by_name(bench: SimBench) -> None:
    assert registry.find(registry.ARMS, "pybullet") is pybullet_bench
    assert isinstance(bench, SimulatedBench)
    assert bench.arm.spec.name == "pybullet"
    with pytest.raises(UnknownNameError, match="tabletopp"):
        pybullet_bench("tabletopp")


@pytest.mark.parametrize("task", TASKS, ids=Task.words)
def test_the_oracle_does_it_and_the_simulator_says_so(bench: SimBench, task: Task) -> None:
    actions = CartesianActions(Kinematics(bench.arm.spec))
    with bench:
        bench.reset(4, NAMES)
        oracle, judge = bench.oracle(task, 4), bench.judge(task)
        result = run_goal(bench.arm, {}, bench.clock, oracle, actions, task, judge, 150)
    assert result.done and not result.already_done
    assert result.judged_by == "simulator"


def test_opening_it_leaves_stdout_to_the_caller() -> None:
    code = "from sim.bullet.bench import pybullet_bench\nwith pybullet_bench('tabletop') as b: b.reset(0); b.picture()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
