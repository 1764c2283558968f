"""The expert and `hold`: they read English knowing the true objects, and act by script or not at all."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from robot_wm.agents.baselines import HoldAgent, RandomAgent
from robot_wm.agents.make import open_agent
from robot_wm.agents.reader import reader_of
from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.control.agent import Agent
from robot_wm.control.loop import observe
from robot_wm.errors import ConfigError, RefusedError, UnknownNameError
from robot_wm.goals import NAMES, Task
from robot_wm.records import Instruction, Refusal, Understanding
from robot_wm.station.plain import fake_station
from tests.evaluate.fakes import CountingStation

LIFT = Task("lift", "red cube")


class Reading:
    """Understands everything as the same task, and notes which objects it was told of."""

    def __init__(self) -> None:
        self.present: Mapping[str, float] = {}

    def understand(self, instruction: str, present: Mapping[str, float]) -> Understanding:
        self.present = present
        return Understanding((LIFT,), 0.9, LIFT.words())


@pytest.mark.parametrize(("name", "source"), [("oracle", "worker"), ("hold", "hold"), ("random", "random")])
def test_it_reads_with_the_true_objects_and_acts_as_named(name: str, source: str) -> None:
    reading = Reading()
    with CountingStation() as station:
        station.reset(0, ["red cube"])
        read = reader_of(station, cast(Any, reading))
        agents: dict[str, Agent] = {
            "oracle": ScriptedExpert(station, 0, read),
            "hold": HoldAgent(read),
            "random": RandomAgent(0, read=read),
        }
        agent, seen = agents[name], observe(station.arm, station.cameras)
        understood = agent.understand(Instruction("lift it"), seen)
        assert isinstance(understood, Understanding)
        assert {name for name in NAMES if reading.present[name] == 1.0} == {"red cube"}
        agent.start(understood.tasks[0], seen)
        assert agent.decide(seen).source == source
        assert agent.describe().kind == name


def test_given_goals_are_not_interpreted() -> None:
    with CountingStation() as station:
        seen = observe(station.arm, station.cameras)
        nothing = Instruction("make coffee", (Task("none"),))
        for agent in (ScriptedExpert(station), HoldAgent()):
            assert agent.understand(Instruction("what?", (LIFT,)), seen) == Understanding((LIFT,), 1.0, LIFT.words())
            assert isinstance(agent.understand(Instruction("what?"), seen), Refusal)
        assert isinstance(ScriptedExpert(station).understand(nothing, seen), Refusal)
        assert isinstance(HoldAgent().understand(nothing, seen), Understanding)
        with pytest.raises(RefusedError, match="needs a goal"):
            ScriptedExpert(station).start(None, seen)


def test_the_same_seed_draws_the_same_actions_for_each_goal() -> None:
    with CountingStation() as station:
        seen, agent = observe(station.arm, station.cameras), RandomAgent()
        drawn = []
        for seed in (3, 3, 4):
            agent.reset(seed)
            agent.start(LIFT, seen)
            drawn.append([agent.decide(seen).action.tolist() for _ in range(12)])
    assert drawn[0] == drawn[1] != drawn[2]


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown policy 'plannerr'"):
        open_agent("plannerr", CountingStation())
    with pytest.raises(ConfigError, match="the policy 'oracle' needs a simulated arm"):
        open_agent("oracle", fake_station("tabletop"), language=False)
