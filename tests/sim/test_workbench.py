"""The simulated bench: the oracle succeeds on it, bumps move things, and judges forgive what a bump did."""

import numpy as np
import pytest

from robot_wm.actions import CartesianActions
from robot_wm.control.bench import SimulatedBench
from robot_wm.control.loop import GoalResult, run_goal
from robot_wm.control.policy import Decision
from robot_wm.errors import UnknownNameError
from robot_wm.kinematics import Kinematics
from robot_wm.tasks import Task
from sim.suites import tabletop, tabletop_shifted
from sim.workbench import SimBench, mujoco_bench

NAMES = ("red cube", "green cube", "blue pad")
LIFT = Task("lift", "red cube")
REACH = Task("reach", "red cube")
NOTHING = Decision(np.zeros(5))


@pytest.fixture(scope="module")
def bench() -> SimBench:
    return mujoco_bench("tabletop")


def pursue(bench: SimBench, task: Task, seed: int = 4) -> GoalResult:
    actions = CartesianActions(Kinematics(bench.arm.spec))
    oracle, judge = bench.oracle(task, seed), bench.judge(task)
    return run_goal(bench.arm, {}, bench.clock, oracle, actions, task, judge, 150)


def test_the_oracle_does_it_and_the_simulator_says_so(bench: SimBench) -> None:
    assert isinstance(bench, SimulatedBench)
    with bench:
        bench.reset(4, NAMES)
        result = pursue(bench, LIFT)
    assert result.done
    assert result.judged_by == "simulator"


def test_the_same_seed_gives_the_same_episode(bench: SimBench) -> None:
    with bench:
        ticks = []
        for _ in range(2):
            bench.reset(9, NAMES)
            ticks.append((pursue(bench, LIFT).ticks, bench.clock.now_s(), tuple(bench.arm.read().q_rad)))
    assert ticks[0] == ticks[1]


def test_away_starts_off_the_rest_pose(bench: SimBench) -> None:
    with bench:
        bench.reset(4, NAMES, away=True)
        assert not bench.judge(Task("home")).already_done
        bench.reset(4, NAMES)
        assert bench.judge(Task("home")).already_done


def test_a_bump_moves_a_thing_and_a_judge_of_reaching_forgives_it(bench: SimBench) -> None:
    with bench:
        bench.reset(4, NAMES)
        judge = bench.judge(REACH)
        before = bench._scene.things()["red cube"].position_m
        assert bench.bump("red cube", 1)
        for _ in range(6):
            bench.clock.wait_until(bench.clock.now_s() + 0.1)
            judge.update(NOTHING)
        moved_m = float(np.linalg.norm(bench._scene.things()["red cube"].position_m - before))
        assert 0.003 < moved_m < 0.08
        assert bench.settled_bumps == 1
        assert pursue(bench, REACH).done


def test_what_is_held_is_not_bumped(bench: SimBench) -> None:
    with bench:
        bench.reset(4, NAMES)
        assert pursue(bench, LIFT).done
        assert not bench.bump("red cube", 1)
        assert not bench.bump("blue pad", 1)  # nobody bumps what lies flat and fixed


def test_nobody_can_judge_what_is_not_there(bench: SimBench) -> None:
    with bench:
        bench.reset(4, NAMES)
        with pytest.raises(UnknownNameError, match="unknown thing on this table 'purple cube'"):
            bench.judge(Task("lift", "purple cube"))


def test_pictures_for_people_are_large(bench: SimBench) -> None:
    with bench:
        bench.reset(4, NAMES)
        picture = bench.picture()
    assert picture.shape == (512, 512, 3)
    assert picture.std() > 10.0


def test_suites_open_their_scenes() -> None:
    assert tabletop().bumps is None
    assert tabletop_shifted().bumps is not None
    for suite in (tabletop(), tabletop_shifted()):
        assert suite.ticks_for("stack") == 150
        assert suite.ticks_for("reach") < 150
        assert isinstance(mujoco_bench(suite.scene), SimBench)
    with pytest.raises(UnknownNameError, match="tabletopp"):
        mujoco_bench("tabletopp")
