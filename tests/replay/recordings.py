"""Short episodes with a tiny model of random weights, recorded as `do` records them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from robot_wm.action_space import CartesianActions
from robot_wm.agents.planner import make_agent
from robot_wm.config import to_values
from robot_wm.control.loop import observe, run_goal
from robot_wm.fake import FakeArm, FakeClock
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import SceneRecord
from robot_wm.log.provenance import config_sha256, file_sha256
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.records import AgentRecord, Decision
from robot_wm.session.recording import LogRequest, Session, open_recorder
from robot_wm.station.plain import PlainStation
from robot_wm.station.station import SimulatedStation
from robot_wm.types import Observation
from robot_wm.world_model import checkpoint
from robot_wm.world_model.wam.model import WAM
from tests.world_model.toy import TINY

CONFIG = PlannerConfig(samples=(16, 8), deadline_ms=1e6)
NAMES = ("red cube", "blue bin")
GOALS = (Task("push", "red cube", direction="left"), Task("home"))


@dataclass(frozen=True)
class Never:
    """Lets a goal run to its last tick."""

    judged_by: str = "nobody"
    done: bool = False
    already_done: bool = False

    def update(self, decision: object) -> None:
        """It makes no difference."""


def save_tiny(path: Path, seed: int = 0) -> Path:
    """A checkpoint of a tiny model that fits the simulated cameras."""
    config = replace(TINY, overview_px=128, wrist_px=64)
    torch.manual_seed(seed)
    checkpoint.save(path, WAM(config).state_dict(), config, {})
    return path


def policy_of(weights: Path, config: PlannerConfig = CONFIG, kind: str = "planner") -> AgentRecord:
    """The record of a planner with these weights and settings."""
    values = to_values(config)
    return AgentRecord(kind, str(weights), file_sha256(weights), "", values, config_sha256(values))


def record(
    station: SimulatedStation,
    arm: str,
    weights: Path,
    path: Path,
    ticks: int = 6,
    config: PlannerConfig = CONFIG,
    goals: tuple[Task, ...] = GOALS,
    seed: int = 3,
) -> Path:
    """Two goals of a few ticks each, on an entered station, as `robot_wm.session.session` pursues them."""
    station.reset(seed, NAMES)
    model = checkpoint.load(weights, Kinematics(station.arm.spec))
    agent = make_agent(model, "planner", config)
    actions = CartesianActions(Kinematics(station.arm.spec))
    session = Session("do", arm, policy_of(weights, config), SceneRecord("tabletop", seed, station.names))
    with open_recorder(LogRequest(path), session, station) as log:
        seen = observe(station.arm, station.cameras)
        log.look("understand", seen)
        agent.follow(agent.look(seen))
        for task in goals:
            seen = observe(station.arm, station.cameras)
            log.look("goal", seen)
            goal = agent.goal(task, seen)
            log.goal(task.to_json(), goal)
            run_goal(station.arm, station.cameras, station.clock, agent, actions, goal, Never(), ticks, log.tick)
            log.result(False, False, "nobody")
    return path


class Waves:
    """Moves the tool gently to and fro, as a person with a keyboard would."""

    def __init__(self) -> None:
        self._ticks = 0

    def start(self, goal: Any) -> None:
        """It is told nothing."""

    def decide(self, observation: Observation) -> Decision:
        self._ticks += 1
        way = 0.012 * np.sin(0.6 * self._ticks)
        return Decision(np.array([way, 0.008, -way, 0.02, 0.5]), source="keyboard")


def record_by_hand(path: Path, ticks: int = 12) -> Path:
    """A few ticks of the fake arm, moved by no model; without a simulator, a look or a goal."""
    clock = FakeClock()
    station = PlainStation(FakeArm(clock.now_s), {}, clock)
    actions = CartesianActions(Kinematics(station.arm.spec))
    with station, open_recorder(LogRequest(path), Session("record", "fake", AgentRecord("keyboard")), station) as log:
        run_goal(station.arm, {}, clock, Waves(), actions, None, Never(), ticks, log.tick)
    return path
