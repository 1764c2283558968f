"""Laws of the goals' predicates, on hand-made snapshots."""

import numpy as np
import pytest

from robot_wm.goals import DIRECTIONS, Task
from sim.predicates import over, rests_in, rests_on, surface_distance_m
from sim.skills import simulated
from sim.snapshot import Snapshot
from tests.sim.tables import SPEC, bin_, cube, moment, pad, with_tool


def holds(task: Task, first: Snapshot, now: Snapshot) -> bool:
    return simulated(task).predicate(task, first, SPEC).holds(now)


def test_surface_distance_is_zero_inside_and_grows_outside() -> None:
    thing = cube(0.2, 0.0)
    assert surface_distance_m(thing.position_m, thing) == 0.0
    assert surface_distance_m(np.array([0.2, 0.045, 0.015]), thing) == pytest.approx(0.03)


def test_over_follows_the_targets_yaw() -> None:
    corner = cube(0.2 + 0.05, 0.0)
    assert not over(corner, pad(0.2, 0.0))
    assert over(corner, pad(0.2, 0.0, np.pi / 4))  # the corner reaches that far


@pytest.mark.parametrize(("gap_m", "reached"), [(0.02, True), (0.04, False)])
def test_reach_requires_the_tip_within_3_cm(gap_m: float, reached: bool) -> None:
    now = moment({"red cube": cube(0.2, 0.0)})
    assert holds(Task("reach", "red cube"), now, with_tool(now, 0.2, 0.0, 0.03 + gap_m)) is reached


def test_reach_fails_when_the_object_was_moved() -> None:
    first = moment({"red cube": cube(0.2, 0.0)})
    now = with_tool(moment({"red cube": cube(0.2, 0.03)}), 0.2, 0.03, 0.04)
    assert not holds(Task("reach", "red cube"), first, now)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_push_counts_only_its_own_direction(direction: str) -> None:
    way = np.array(DIRECTIONS[direction])
    first = moment({"red cube": cube(0.2, 0.0)})
    now = moment({"red cube": cube(*(np.array([0.2, 0.0]) + 0.06 * way))})
    assert [each for each in DIRECTIONS if holds(Task("push", "red cube", direction=each), first, now)] == [direction]


@pytest.mark.parametrize(
    ("thing", "pushed"),
    [
        (cube(0.2, 0.06), True),
        (cube(0.2, 0.049), False),  # not far enough
        (cube(0.231, 0.06), False),  # drifted by more than half
        (cube(0.2, 0.06, speed_m_s=0.1), False),  # not at rest
        (cube(0.2, 0.06, underside_m=0.005), False),  # held just over it
    ],
)
def test_push_is_far_straight_at_rest_and_on_the_table(thing, pushed: bool) -> None:
    first = moment({"red cube": cube(0.2, 0.0)})
    assert holds(Task("push", "red cube", direction="left"), first, moment({"red cube": thing})) is pushed


def test_push_to_requires_the_centre_within_the_pad() -> None:
    task, target = Task("push_to", "red cube", "green pad"), pad(0.2, 0.1)
    first = moment({"red cube": cube(0.2, 0.0), "green pad": target})
    assert holds(task, first, moment({"red cube": cube(0.2, 0.065), "green pad": target}))
    assert not holds(task, first, moment({"red cube": cube(0.2, 0.055), "green pad": target}))
    assert not holds(task, first, moment({"red cube": cube(0.2, 0.1, underside_m=0.005), "green pad": target}))


def test_lift_is_about_the_underside() -> None:
    first = moment({"red cube": cube(0.2, 0.0)})
    assert holds(Task("lift", "red cube"), first, moment({"red cube": cube(0.2, 0.0, 0.051)}))
    assert not holds(Task("lift", "red cube"), first, moment({"red cube": cube(0.2, 0.0, 0.045)}))


def test_place_requires_the_object_in_the_bin_and_the_hand_open_and_clear() -> None:
    task = Task("place", "red cube", "blue bin")
    inside = {"red cube": cube(0.2, 0.1, 0.002), "blue bin": bin_(0.2, 0.1)}
    first = moment({"red cube": cube(0.2, 0.0), "blue bin": bin_(0.2, 0.1)})
    assert holds(task, first, moment(inside))
    assert not holds(task, first, moment(inside, gripper=0.3))
    assert not holds(task, first, with_tool(moment(inside), 0.2, 0.1, 0.06))
    on_the_wall = {**inside, "red cube": cube(0.2, 0.14, 0.03)}
    assert not rests_in(on_the_wall["red cube"], on_the_wall["blue bin"])


def test_stack_requires_the_object_on_top_and_released() -> None:
    task = Task("stack", "red cube", "green cube")
    first = moment({"red cube": cube(0.2, 0.0), "green cube": cube(0.2, 0.1)})
    stacked = {"red cube": cube(0.205, 0.1, 0.03), "green cube": cube(0.2, 0.1)}
    assert holds(task, first, moment(stacked))
    assert not holds(task, first, with_tool(moment(stacked), 0.205, 0.1, 0.07))
    assert not rests_on(cube(0.22, 0.1, 0.03), cube(0.2, 0.1))  # its centre is beside


def test_home_is_about_every_joint() -> None:
    now = moment({})
    assert not holds(Task("home"), now, now)
    assert holds(Task("home"), now, Snapshot(0.0, {}, now.tool_m, 0.0, np.array([0.04, -0.04]), 1.0))


def test_none_means_that_nothing_moved() -> None:
    first = moment({"red cube": cube(0.2, 0.0)})
    assert holds(Task("none"), first, first)
    assert not holds(Task("none"), first, moment({"red cube": cube(0.2, 0.03)}))
