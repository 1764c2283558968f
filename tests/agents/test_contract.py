"""Every agent that needs no model satisfies the contract."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest

from robot_wm.agents.baselines import HoldAgent, RandomAgent
from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.agents.teleop import Keyboard, Script
from robot_wm.goals import Task
from robot_wm.station.make import make
from robot_wm.station.station import Station
from tests.contracts.agent_contract import AgentContract, Rig

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


class TestHold(AgentContract):
    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(HoldAgent(), fake, HOME)


class TestRandom(AgentContract):
    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(RandomAgent(), fake, HOME)


class TestScript(AgentContract):
    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        return Rig(Script([np.full(5, 0.01)] * 9), fake, HOME)


class TestKeyboard(AgentContract):
    @pytest.fixture
    def rig(self, fake: Station) -> Rig:
        typed = cycle("w")
        return Rig(Keyboard(lambda: next(typed)), fake, HOME)


class TestScriptedExpert(AgentContract):
    @pytest.fixture
    def rig(self, simulated: Station) -> Rig:
        assert simulated.simulation is not None
        return Rig(ScriptedExpert(simulated.simulation), simulated, Task("reach", "red cube"))
