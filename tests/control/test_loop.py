"""Laws of the loop: late or not finite is a hold, the judge ends it, time is kept."""

import numpy as np
import pytest

from robot_wm.control.judging import OwnEstimate
from robot_wm.control.loop import run_goal
from robot_wm.records import GoalResult, Tick
from tests.control.fakes import HandClock, JointActions, Scripted, fake_arm, fake_cameras

STEP = np.array([0.01, 0.0, 0.0, 0.0, 0.5])


def run(policy: Scripted, clock: HandClock, max_ticks: int = 20, ticks: list[Tick] | None = None) -> GoalResult:
    seen = [] if ticks is None else ticks
    return run_goal(
        fake_arm(clock), fake_cameras(), clock, policy, JointActions(), OwnEstimate(), max_ticks, seen.append
    )


def test_stops_when_the_judge_says_done_and_not_before() -> None:
    result = run(Scripted([STEP], done_from=7), HandClock())
    assert result.done
    assert result.ticks == 7 + 5  # the claim must hold for five ticks
    assert result.judged_by == "own estimate"


def test_gives_up_after_max_ticks() -> None:
    result = run(Scripted([STEP]), HandClock(), max_ticks=9)
    assert not result.done
    assert result.ticks == 9
    assert result.seconds == pytest.approx(0.9)
    assert result.steps_to_goal == tuple(20.0 - number for number in range(9))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_action_that_is_not_finite_is_a_hold(bad: float) -> None:
    ticks: list[Tick] = []
    result = run(Scripted([STEP, STEP, np.array([bad, 0, 0, 0, 0.5]), STEP]), HandClock(), 5, ticks)
    assert result.held == {"not finite": 1}
    assert ticks[2].held == "not finite"
    np.testing.assert_array_equal(ticks[2].sent.q_rad, ticks[1].sent.q_rad)
    assert ticks[3].sent.q_rad[0] > ticks[2].sent.q_rad[0]  # and it goes on from there


def test_a_late_decision_is_a_hold_and_moves_the_beat() -> None:
    clock, ticks = HandClock(), list[Tick]()

    def dawdle(number: int) -> None:
        clock.t_s += 0.25 if number == 2 else 0.0

    result = run(Scripted([STEP], dawdle), clock, 5, ticks)
    assert result.held == {"late": 1}
    np.testing.assert_array_equal(ticks[2].sent.q_rad, ticks[1].sent.q_rad)
    assert result.seconds == pytest.approx(4 * 0.1 + 0.25)


def test_a_tick_that_ctrl_c_cuts_short_is_finished_and_told_of() -> None:
    class Interrupted(HandClock):
        waits = 0

        def wait_until(self, t_s: float) -> None:
            self.waits += 1
            if self.waits == 3:
                raise KeyboardInterrupt
            super().wait_until(t_s)

    clock, ticks = Interrupted(), list[Tick]()
    arm = fake_arm(clock)
    policy, judge = Scripted([STEP]), OwnEstimate()
    with pytest.raises(KeyboardInterrupt):
        run_goal(arm, fake_cameras(), clock, policy, JointActions(), judge, 9, ticks.append)
    assert [tick.number for tick in ticks] == [0, 1, 2] and clock.t_s == pytest.approx(0.3)
    np.testing.assert_array_equal(ticks[-1].sent.q_rad, arm.sent.q_rad)


def test_a_decision_within_the_tick_is_followed() -> None:
    clock = HandClock()

    def think(number: int) -> None:
        clock.t_s += 0.09

    result = run(Scripted([STEP], think), clock, 5)
    assert result.held == {}
    assert result.seconds == pytest.approx(0.5)


def test_what_was_solved_before_it_began_takes_no_tick() -> None:
    class Solved:
        judged_by, done, already_done = "simulator", False, True

        def update(self, decision: object) -> None:
            raise AssertionError("nothing to judge")

    clock = HandClock()
    result = run_goal(fake_arm(clock), fake_cameras(), clock, Scripted([STEP]), JointActions(), Solved(), 20)
    assert (result.done, result.already_done, result.ticks) == (True, True, 0)


def test_goes_on_from_the_command_in_force() -> None:
    clock = HandClock()
    arm = fake_arm(clock)
    run_goal(arm, fake_cameras(), clock, Scripted([STEP]), JointActions(), OwnEstimate(), 3)
    in_force = arm.sent
    ticks: list[Tick] = []
    policy = Scripted([np.zeros(5)])
    run_goal(arm, fake_cameras(), clock, policy, JointActions(), OwnEstimate(), 1, ticks.append)
    assert ticks[0].observation.sent is in_force


def test_an_estimate_that_wavers_is_not_done() -> None:
    from robot_wm.records import Decision

    judge = OwnEstimate(threshold=0.8, hold_ticks=3)
    for probability in (0.9, 0.9, 0.1, 0.9, 0.9, float("nan"), 0.9, 0.9):
        judge.update(Decision(STEP, done_probability=probability))
        assert not judge.done
    judge.update(Decision(STEP, done_probability=0.8))
    assert judge.done
