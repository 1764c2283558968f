import numpy as np
import pytest
import torch

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.agents.planner import Agent, make_agent
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.station.plain import fake_station
from robot_wm.types import Frame, Observation
from robot_wm.world_model.wam.model import WAM
from tests.world_model.toy import TINY

CONFIG = PlannerConfig(samples=(8, 8), deadline_ms=1e9)


@pytest.fixture(scope="module")
def observed() -> tuple[WAM, Observation]:
    """A tiny model, and what it would see on the fake arm."""
    torch.manual_seed(0)
    with fake_station("").arm as arm:
        rng = np.random.default_rng(0)
        pictures = {
            name: Frame(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8), 0.0) for name in ("overview", "wrist")
        }
        return WAM(TINY, Kinematics(arm.spec)).eval(), Observation(pictures, arm.read(), arm.sent)


def decided(agent: Agent, observation: Observation, ticks: int = 4) -> list[np.ndarray]:
    agent.follow({name: 0.9 if name in NAMES[:3] else 0.1 for name in NAMES})
    agent.start(agent.goal(Task("lift", NAMES[1]), observation))
    return [agent.decide(observation).action for _ in range(ticks)]


@pytest.mark.parametrize("policy", ["planner", "prior"])
def test_actions_keep_their_bounds_and_repeat_by_seed(policy: str, observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    runs = [decided(make_agent(model, policy, CONFIG, seed=3), observation) for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))
    assert all((a >= ACTION_LOW).all() and (a <= ACTION_HIGH).all() for a in runs[0])


def test_a_goal_taken_up_anew_forgets_the_last(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = make_agent(model, "planner", CONFIG)
    assert all(
        np.array_equal(a, b) for a, b in zip(decided(agent, observation), decided(agent, observation), strict=True)
    )


def test_a_thing_that_was_not_seen_is_followed_when_it_is_asked_for(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = make_agent(model, "prior", CONFIG)
    agent.follow(dict.fromkeys(NAMES, 0.0))
    goal = agent.goal(Task("reach", NAMES[5]), observation)
    assert goal.origin == "text" and NAMES[5] in goal.words


def test_what_is_imagined_can_be_looked_at(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = make_agent(model, "planner", CONFIG)
    agent.follow(agent.look(observation))
    agent.start(agent.goal(Task("home"), observation))
    decision = agent.decide(observation)
    assert decision.imagined is not None
    pictures = decision.imagined()
    assert pictures.dtype == np.uint8 and pictures.shape[1:] == (32, 32, 3)
    assert 0.0 <= decision.done_probability <= 1.0


def test_a_decision_needs_a_goal(observed: tuple[WAM, Observation]) -> None:
    with pytest.raises(AssertionError, match="before start"):
        make_agent(observed[0], "prior", CONFIG).decide(observed[1])


@pytest.mark.parametrize("policy", ["planner", "prior"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_latent_that_is_not_finite_costs_one_hold(
    policy: str, bad: float, observed: tuple[WAM, Observation], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, observation = observed
    agent = make_agent(model, policy, CONFIG)
    decided(agent, observation)
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "encode", lambda *_: torch.full((1, TINY.layout.z), bad))
        spoilt = agent.decide(observation)
    assert np.isnan(spoilt.action).all() and spoilt.source == "hold"
    assert all(np.isfinite(agent.decide(observation).action).all() for _ in range(4))
