"""Verdicts over time, and hindsight."""

import pytest

from robot_wm.goals import Task
from sim.judge import Hindsight, Judge, Verdict, happened, possible_tasks
from sim.scene import Scene
from tests.sim.tables import SPEC, cube, moment

LIFT = Task("lift", "red cube")


def lifted(stamp_s: float, underside_m: float = 0.06):
    return moment({"red cube": cube(0.2, 0.0, underside_m)}, stamp_s)


def test_a_goal_must_hold_for_its_time_without_a_break() -> None:
    verdict = Verdict(LIFT, lifted(0.0, 0.0), SPEC)
    ticks = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert [verdict.update(lifted(t)) for t in ticks] == [False] * 5 + [True]
    assert not verdict.update(lifted(0.7, 0.0))  # dropped: undone
    assert not verdict.update(lifted(0.8))  # and the time starts anew


def test_a_goal_that_is_already_done_is_flagged_at_once() -> None:
    assert Verdict(LIFT, lifted(0.0), SPEC).already_done
    assert not Verdict(LIFT, lifted(0.0, 0.0), SPEC).already_done
    assert not Verdict(Task("none"), lifted(0.0), SPEC).already_done


def test_hindsight_names_what_came_true_and_only_that() -> None:
    ticks = [moment({"red cube": cube(0.2, 0.0 if n == 0 else 0.06)}, 0.1 * n) for n in range(5)]
    assert happened(ticks, SPEC) == [Task("push", "red cube", direction="left")]


def test_hindsight_omits_what_did_not_last() -> None:
    hindsight = Hindsight(lifted(0.0, 0.0), SPEC)
    for n in range(1, 12):
        hindsight.update(lifted(0.1 * n))
    assert hindsight.happened() == [LIFT]
    hindsight.update(lifted(1.2, 0.0))
    assert hindsight.happened() == []


def test_possible_tasks_cover_every_pair_once() -> None:
    tasks = possible_tasks({"red cube": 0, "blue cylinder": 0, "green cube": 0, "red pad": 0, "red bin": 0})
    assert len(tasks) == len(set(tasks)) == 5 + 3 + 12 + 3 + 3 + 4 + 1
    assert Task("stack", "blue cylinder", "red cube") in tasks
    assert Task("home") in tasks


@pytest.mark.parametrize("task", [Task("lift", "red cube"), Task("push", "red cube", direction="left")])
def test_a_fresh_table_has_nothing_done(scene: Scene, task: Task) -> None:
    scene.reset(3, ["red cube", "blue bin"])
    judge = Judge(task, scene)
    assert not judge.already_done
    assert not judge.update()


def test_an_arm_at_rest_is_home(scene: Scene) -> None:
    scene.reset(3, ["red cube"])
    assert Judge(Task("home"), scene).already_done
