"""One episode and many: judged as meant, dropped where solved, the same for any number of workers."""

from collections.abc import Sequence

import pytest

from robot_wm.agents.baselines import HoldAgent
from robot_wm.control.agent import Agent, Decides
from robot_wm.errors import ConfigError, DeviceError, RefusedError, RobotWMError, UnknownNameError
from robot_wm.evaluate.episodes import Episode, make_episodes
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.recipe import Recipe
from robot_wm.evaluate.run import Outcome, run_episode
from robot_wm.evaluate.suite import Bumps, Suite
from robot_wm.evaluate.summary import summarise
from robot_wm.evaluate.workers import play_all
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.types import Observation
from tests.evaluate.fakes import CountingStation, FakeRecipe, Worker

SUITE = Suite("tabletop", scene="tabletop", ticks_max=10)
WORDS = Instruction("words")
LIFT, PUSH, NONE = Task("lift", "red cube"), Task("push", "blue cube", direction="left"), Task("none")


class FakeAgent(Agent):
    """Understands whatever it is made to, and decides as another one."""

    def __init__(self, understood: tuple[Task, ...] | Refusal, decides: Decides | None = None) -> None:
        self._understood, self._decides = understood, decides or Worker()

    def reset(self, seed: int) -> None:
        pass

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        understood = self._understood
        if isinstance(understood, Refusal):
            return understood
        return Understanding(understood, 1.0, ", then ".join(task.words() for task in understood))

    def start(self, task: Task | None, observation: Observation) -> None:
        pass

    def decide(self, observation: Observation) -> Decision:
        return self._decides.decide(observation)

    def describe(self) -> AgentRecord:
        return AgentRecord("fake")


def episode(*goals: Task) -> Episode:
    line = Line("words", goals)
    return Episode(0, 1, 0, ("red cube", "blue cube"), line, line)


def play(agent: FakeAgent, *goals: Task, suite: Suite = SUITE) -> Outcome:
    with CountingStation() as station:
        return run_episode(station, agent, suite, episode(*goals), WORDS)


def test_what_is_done_is_success() -> None:
    outcome = play(FakeAgent((LIFT,)), LIFT)
    assert (outcome.outcome, outcome.success, outcome.ticks) == ("done", True, 3)
    assert outcome.seconds == pytest.approx(0.3)
    assert len(outcome.decision_ms) == 3


def test_several_goals_are_reached_in_order() -> None:
    outcome = play(FakeAgent((LIFT, PUSH)), LIFT, PUSH)
    assert (outcome.success, outcome.goals_reached, outcome.ticks) == (True, 2, 6)


def test_half_understood_is_not_success() -> None:
    outcome = play(FakeAgent((LIFT,)), LIFT, PUSH)
    assert (outcome.outcome, outcome.success, outcome.goals_reached) == ("failed", False, 1)


def test_more_than_was_said_is_not_success() -> None:
    outcome = play(FakeAgent((LIFT, PUSH)), LIFT)
    assert (outcome.outcome, outcome.success, outcome.goals_reached) == ("failed", False, 1)


def test_not_reached_in_time_is_failed() -> None:
    outcome = play(FakeAgent((LIFT,), HoldAgent()), LIFT)
    assert (outcome.outcome, outcome.success, outcome.ticks) == ("failed", False, 10)


def test_an_arm_that_fails_in_the_middle_has_failed_the_episode_and_says_why() -> None:
    class Broken(Worker):
        def decide(self, observation: Observation) -> Decision:
            raise DeviceError("joint lags: servo 5")

    outcome = play(FakeAgent((LIFT,), Broken()), LIFT)
    assert (outcome.outcome, outcome.success, outcome.fault) == ("failed", False, "joint lags: servo 5")
    assert outcome.to_json()["fault"] == "joint lags: servo 5"
    figures = summarise([outcome], SUITE, Recipe("oracle"), seed=0)
    assert figures["faults"] == {"joint lags: servo 5": 1}


def test_a_good_one_refused_fails_and_one_to_refuse_succeeds() -> None:
    refused = FakeAgent(Refusal("I see no red cube", "absent"))
    assert (play(refused, LIFT).outcome, play(refused, LIFT).success) == ("refused", False)
    assert (play(refused, NONE).outcome, play(refused, NONE).success) == ("refused", True)
    assert not play(FakeAgent((LIFT,)), NONE).success


def test_a_goal_that_the_agent_cannot_pursue_is_refused_and_what_was_reached_before_counts() -> None:
    class CannotPush(FakeAgent):
        def start(self, task: Task | None, observation: Observation) -> None:
            if task == PUSH:
                raise RefusedError("the fingers are too wide")

    outcome = play(CannotPush((LIFT, PUSH)), LIFT, PUSH)
    assert (outcome.outcome, outcome.success, outcome.understood) == ("refused", False, "the fingers are too wide")
    assert (outcome.goals_reached, outcome.ticks) == (1, 3)


def test_what_was_solved_before_it_began_is_dropped() -> None:
    assert play(FakeAgent((Task("reach", "red cube"),)), Task("reach", "red cube")).outcome == "dropped"


def test_the_goals_object_is_bumped_once_when_it_is_free() -> None:
    suite = Suite("shifted", scene="tabletop", ticks_max=10, bumps=Bumps(2, 3))
    with CountingStation() as station:
        outcome = run_episode(station, FakeAgent((LIFT,), HoldAgent()), suite, episode(LIFT), WORDS)
    assert outcome.bumped
    assert station.bumps == ["red cube"] * 3  # twice it was not free
    assert not play(FakeAgent((LIFT,), HoldAgent()), LIFT).bumped


def outcomes_of(workers: int) -> Sequence[Outcome]:
    done = play_all(FakeRecipe(), SUITE, make_episodes(14, 3, None), workers)
    return sorted(done, key=lambda outcome: outcome.episode.index)


def test_figures_have_the_keys_of_the_design_and_add_up() -> None:
    outcomes = outcomes_of(1)
    figures = summarise(outcomes, SUITE, Recipe("oracle"), seed=3)
    expected = (
        "suite policy arm episodes success rate wilson95 skills refusals false_refusals language_following plan_ms"
    )
    assert {*expected.split(), "already_done_dropped", "checkpoint", "seed", "episodes_detail"} <= set(figures)
    assert figures["already_done_dropped"] == 2  # the two of "reach"
    assert (figures["episodes"], figures["success"], figures["rate"]) == (12, 12, 1.0)
    assert figures["skills"]["lift"] == {"episodes": 2, "success": 2, "rate": 1.0, "wilson95": [0.3424, 1.0]}  # type: ignore[index]
    assert figures["refusals"] == {"asked": 0, "refused": 0}
    assert figures["checkpoint"] is None
    assert len(figures["episodes_detail"]) == 14  # type: ignore[arg-type]


def test_refusals_are_counted_both_ways() -> None:
    lines = [Line("make coffee", (NONE,)), Line("lift", (LIFT,))]
    with CountingStation() as station:
        outcomes = [
            run_episode(station, FakeAgent(Refusal("no", "unsure")), SUITE, each, WORDS)
            for each in make_episodes(6, 1, lines)
        ]
    figures = summarise(outcomes, SUITE, Recipe("hold"), seed=1)
    assert (figures["refusals"], figures["false_refusals"]) == ({"asked": 3, "refused": 3}, 3)
    assert figures["rate"] == 0.5


def test_language_following_counts_tables_that_heard_more_than_one_thing() -> None:
    figures = summarise(outcomes_of(1), SUITE, Recipe("oracle"), seed=3)
    assert figures["language_following"] == 1.0
    with CountingStation() as station:
        alone = [
            run_episode(station, FakeAgent((LIFT,)), SUITE, each, WORDS)
            for each in make_episodes(3, 1, [Line("lift", (LIFT,))])
        ]
    assert summarise(alone, SUITE, Recipe("hold"), seed=1)["language_following"] is None


def test_workers_make_no_difference() -> None:
    def shown(outcomes: Sequence[Outcome]) -> list[object]:
        return [outcome.to_json() for outcome in outcomes]

    assert shown(outcomes_of(1)) == shown(outcomes_of(2))


def test_a_workers_error_keeps_its_words_and_status() -> None:
    with pytest.raises(RobotWMError, match="no checkpoint at nowhere") as caught:
        list(play_all(FakeRecipe(broken=True), SUITE, make_episodes(4, 3, None), 2))
    assert caught.value.exit_status == 2


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown policy 'orakel'.*Did you mean 'oracle'"):
        Recipe("orakel")
    with pytest.raises(ConfigError, match="workers must be at least 1, received 0"):
        list(play_all(FakeRecipe(), SUITE, make_episodes(1, 3, None), 0))
    with pytest.raises(ConfigError, match="needs a simulated arm, received 'fake'; use --arm mujoco"):
        Recipe("hold", arm="fake").open(SUITE)
