"""Laws of the planner agent: over the WAM, and over models that lack one capability or another."""

import numpy as np
import pytest
import torch
from torch import Tensor

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.agents.planner import PlannerAgent
from robot_wm.agents.planner_factory import build_planner
from robot_wm.errors import RefusedError, UnknownNameError
from robot_wm.fake import FakeArm, fake_spec
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.planning import Objective, PlannerConfig, RecoveryConfig
from robot_wm.planning.plan import Plan, Searcher
from robot_wm.records import AgentRecord, Instruction, Refusal, Understanding
from robot_wm.types import Frame, Observation
from robot_wm.world_model import Rollout, State, WorldModel
from robot_wm.world_model.wam.model import WAM
from tests.world_model.points import HOME, GlideModel, Plane, PointModel, seen_at
from tests.world_model.toy import TINY

CONFIG = PlannerConfig(samples=(8, 8), deadline_ms=1e9)
PLANE = PlannerConfig(
    samples=(64, 32),
    min_spread=(0.1, 0.1),
    margin=0.0,
    deadline_ms=1e9,
    objective=Objective(prior_deviation=0.01),
    recovery=RecoveryConfig(patience=0, spread=(0.6, 0.6)),
)
LIFT = Task("lift", NAMES[1])


@pytest.fixture(scope="module")
def observed() -> tuple[WAM, Observation]:
    """A tiny model, and what it would see on the fake arm."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    pictures = {name: Frame(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8), 0.0) for name in ("overview", "wrist")}
    with FakeArm() as arm:
        return WAM(TINY, Kinematics(fake_spec())).eval(), Observation(pictures, arm.read(), arm.sent)


def made(model: WorldModel, kind: str = "planner", config: PlannerConfig = CONFIG, seed: int = 0) -> PlannerAgent:
    return build_planner(model, AgentRecord(kind, seed=seed), config)


def decided(agent: PlannerAgent, observation: Observation, ticks: int = 4) -> list[np.ndarray]:
    agent.start(LIFT, observation)
    return [agent.decide(observation).action for _ in range(ticks)]


@pytest.mark.parametrize("kind", ["planner", "prior"])
def test_actions_keep_their_bounds_and_repeat_by_seed(kind: str, observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    runs = [decided(made(model, kind, seed=3), observation) for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))
    assert all((a >= ACTION_LOW).all() and (a <= ACTION_HIGH).all() for a in runs[0])


def test_starting_a_goal_forgets_the_last_one(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = made(model)
    first, again = decided(agent, observation), decided(agent, observation)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_thing_that_was_not_seen_is_followed_when_a_goal_names_it(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = made(model, "prior")
    agent.look(observation)
    goal = agent.start(Task("reach", NAMES[5]), observation)
    assert goal.origin == "text" and NAMES[5] in goal.words


def test_what_is_imagined_can_be_looked_at(observed: tuple[WAM, Observation]) -> None:
    model, observation = observed
    agent = made(model)
    agent.start(Task("home"), observation)
    decision = agent.decide(observation)
    assert decision.imagined is not None
    pictures = decision.imagined()
    assert pictures.dtype == np.uint8 and pictures.shape[1:] == (32, 32, 3)
    assert 0.0 <= decision.done_probability <= 1.0


def test_a_decision_needs_a_goal(observed: tuple[WAM, Observation]) -> None:
    with pytest.raises(AssertionError, match="before start"):
        made(observed[0], "prior").decide(observed[1])


@pytest.mark.parametrize("kind", ["planner", "prior"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_latent_that_is_not_finite_costs_one_hold(
    kind: str, bad: float, observed: tuple[WAM, Observation], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, observation = observed
    agent = made(model, kind)
    decided(agent, observation)
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "encode", lambda *_: torch.full((1, TINY.layout.z), bad))
        spoilt = agent.decide(observation)
    assert np.isnan(spoilt.action).all() and spoilt.source == "hold"
    assert all(np.isfinite(agent.decide(observation).action).all() for _ in range(4))


@pytest.mark.parametrize("model", [PointModel(), GlideModel()])
def test_models_of_other_families_drive_it_to_the_goal(model: WorldModel) -> None:
    agent, at, speed = made(model, config=PLANE), np.zeros(2), np.zeros(2)
    agent.start(Task("home"), seen_at(*at))
    for _ in range(40):
        decision = agent.decide(seen_at(*at))
        glides = isinstance(model, GlideModel)
        speed = model.friction * speed + model.push * decision.action if glides else 0.1 * decision.action
        at = at + speed
    assert np.linalg.norm(at - HOME) < 0.15
    assert decision.steps_to_goal < 3.0


def test_given_goals_are_accepted_and_words_need_language_and_places() -> None:
    given = Instruction("", (Task("home"),))
    assert isinstance(made(GlideModel(), config=PLANE).understand(given, seen_at(0, 0)), Understanding)
    replies = [
        made(model, config=PLANE).understand(Instruction("go home"), seen_at(0, 0))
        for model in (GlideModel(), PointModel())
    ]
    assert [reply.reason for reply in replies if isinstance(reply, Refusal)] == ["unlocated", "languageless"]


class Blind(WorldModel):
    """Imagines, and can do nothing else."""

    chunk = block = 1

    @property
    def actions(self) -> Plane:
        return Plane()

    def initial_state(self) -> State:
        return State(torch.zeros(1, 1))

    def observe(self, state: State, observation: Observation, action: Tensor | None) -> State:
        return state

    def imagine(self, state: State, actions: Tensor) -> Rollout:
        return Rollout(torch.zeros(len(actions), 1, 1), torch.zeros(len(actions), 1))


class NoSearch(Searcher):
    """Is never asked for a plan."""

    def reset(self) -> None:
        """There is nothing to forget."""

    def plan(self, state: State, goal: Tensor, hold: Tensor, iterations: int | None = None) -> Plan:
        raise AssertionError("there is no goal to plan for")


def test_what_a_model_lacks_is_refused_with_that_reason() -> None:
    with pytest.raises(RefusedError, match="Blind cannot score goals"):
        made(Blind(), config=PLANE)
    with pytest.raises(RefusedError, match="Blind cannot score goals, so it cannot pursue one"):
        PlannerAgent(Blind(), NoSearch(), AgentRecord("planner")).start(Task("home"), seen_at(0, 0))
    with pytest.raises(RefusedError, match="no action head for goals; use --policy planner"):
        made(GlideModel(), "prior", PLANE)
    with pytest.raises(RefusedError, match="a planner needs a goal"):
        made(PointModel(), config=PLANE).start(None, seen_at(0, 0))


def test_the_kind_of_agent_must_be_a_learned_one() -> None:
    with pytest.raises(UnknownNameError, match="unknown learned policy 'oracle'"):
        made(PointModel(), "oracle", PLANE)
