"""What every agent must satisfy. Inherit `AgentContract` and override `rig`."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from robot_wm.control.agent import Agent
from robot_wm.control.loop import observe
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.station.station import Station
from robot_wm.types import Observation


@dataclass(frozen=True)
class Rig:
    """An agent, an entered setup it can run on, and a goal that it can pursue there."""

    agent: Agent
    station: Station
    task: Task
    size: int = 5  # numbers in an action

    def observe(self) -> Observation:
        return observe(self.station.arm, self.station.cameras)


class AgentContract:
    """The laws. `agent` is the class that is listed."""

    agent: ClassVar[type[Agent]]

    @pytest.fixture
    def rig(self) -> Rig:
        """The agent under test."""
        raise NotImplementedError

    def started(self, rig: Rig, seed: int = 3) -> Observation:
        """Begin a session and take the goal up."""
        rig.agent.reset(seed)
        rig.agent.understand(Instruction("", (rig.task,)), rig.observe())
        seen = rig.observe()
        rig.agent.start(rig.task, seen)
        return seen

    def test_given_goals_are_understood_as_they_are(self, rig: Rig) -> None:
        rig.agent.reset(3)
        reply = rig.agent.understand(Instruction("words that mean nothing", (rig.task,)), rig.observe())
        assert isinstance(reply, Understanding)
        assert reply.tasks == (rig.task,)
        assert 0.0 <= reply.confidence <= 1.0

    def test_words_are_understood_or_refused_in_words(self, rig: Rig) -> None:
        rig.agent.reset(3)
        reply = rig.agent.understand(Instruction("xyzzy plugh"), rig.observe())
        assert isinstance(reply, Understanding | Refusal)
        assert isinstance(reply, Understanding) or (reply.words and reply.reason)

    def test_decisions_have_the_action_spaces_size_and_sane_beliefs(self, rig: Rig) -> None:
        seen = self.started(rig)
        decision = rig.agent.decide(seen)
        assert isinstance(decision, Decision)
        assert decision.action.shape == (rig.size,)
        assert np.isfinite(decision.action).all()
        assert np.isnan(decision.done_probability) or 0.0 <= decision.done_probability <= 1.0
        assert np.isnan(decision.steps_to_goal) or decision.steps_to_goal >= 0.0
        assert decision.source

    def test_the_same_seed_and_observations_give_the_same_decisions(self, rig: Rig) -> None:
        runs = []
        for _ in range(2):
            seen = self.started(rig)
            runs.append([rig.agent.decide(seen).action.tolist() for _ in range(3)])
        assert runs[0] == runs[1]

    def test_an_observation_is_not_changed(self, rig: Rig) -> None:
        seen = self.started(rig)
        before = {name: frame.rgb.copy() for name, frame in seen.frames.items()}
        rig.agent.decide(seen)
        assert all(np.array_equal(frame.rgb, before[name]) for name, frame in seen.frames.items())

    def test_it_describes_itself(self, rig: Rig) -> None:
        assert type(rig.agent) is self.agent
        record = rig.agent.describe()
        assert isinstance(record, AgentRecord)
        assert record.kind
