"""Every agent satisfies the contract; each concrete class is listed here once."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest
import torch

from robot_wm.agents.baselines import HoldAgent, RandomAgent
from robot_wm.agents.planner import PlannerAgent
from robot_wm.agents.planner_factory import build_planner
from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.agents.teleop import Keyboard, Script
from robot_wm.control.agent import Agent
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.planning import PlannerConfig
from robot_wm.records import AgentRecord
from robot_wm.replay.closed_loop import LoggedActions
from robot_wm.replay.controller import RerunPlanner
from robot_wm.station.make import make
from robot_wm.station.station import Station
from robot_wm.world_model.wam.model import WAM
from tests.contracts.agent_contract import AgentContract, Rig
from tests.subclasses import concrete_subclasses
from tests.world_model.toy import TINY

HOME = Task("home")


@pytest.fixture
def fake() -> Iterator[Station]:
    with make("fake") as station:
        yield station


@pytest.fixture(scope="module")
def simulated() -> Iterator[Station]:
    with make("mujoco") as station:
        assert station.simulation is not None
        station.simulation.reset(3, ("red cube",))
        yield station


@pytest.fixture(scope="module")
def model(simulated: Station) -> WAM:
    """A tiny model of random weights that fits the cameras of the simulation."""
    torch.manual_seed(0)
    config = replace(TINY, overview_px=128, wrist_px=64)
    return WAM(config, Kinematics(simulated.arm.spec)).eval()


class TestPlanner(AgentContract):
    kind = "planner"
    agent = PlannerAgent

    @pytest.fixture
    def rig(self, simulated: Station, model: WAM) -> Rig:
        record = AgentRecord(self.kind, seed=0)
        config = PlannerConfig(samples=(8, 8), deadline_ms=1e9)
        return Rig(build_planner(model, record, config), simulated, Task("lift", NAMES[1]))


class TestActionHead(TestPlanner):
    kind = "prior"


class TestHold(AgentContract):
    agent = HoldAgent

    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(HoldAgent(), fake, HOME)


class TestRandom(AgentContract):
    agent = RandomAgent

    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(RandomAgent(), fake, HOME)


class TestScript(AgentContract):
    agent = Script

    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(Script([np.full(5, 0.01)] * 9), fake, HOME)


class TestKeyboard(AgentContract):
    agent = Keyboard

    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        typed = cycle("w")
        return Rig(Keyboard(lambda: next(typed)), fake, HOME)


class TestScriptedExpert(AgentContract):
    agent = ScriptedExpert

    @pytest.fixture
    def rig(self, simulated: Station) -> Rig:
        assert simulated.simulation is not None
        return Rig(ScriptedExpert(simulated.simulation), simulated, Task("reach", "red cube"))


def test_every_agent_is_listed_once() -> None:
    listed = [each.agent for each in AgentContract.__subclasses__()]
    assert len(listed) == len(set(listed))
    of_a_log = {LoggedActions, RerunPlanner}  # do again what a log holds, and are tested with the closed loop
    assert set(listed) == concrete_subclasses(Agent) - of_a_log
