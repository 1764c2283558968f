"""Short sessions with a tiny model of random weights, recorded as `do` records them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from robot_wm.agents.planner_factory import open_planner
from robot_wm.agents.teleop import Script
from robot_wm.config import to_values
from robot_wm.control.judging import Unreachable
from robot_wm.fake import FakeArm, FakeClock
from robot_wm.goals import Task
from robot_wm.log.entries import SceneRecord
from robot_wm.log.provenance import config_sha256, file_sha256
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.records import AgentRecord, Instruction
from robot_wm.session.recording import LogRequest, LogSubject, SessionLog
from robot_wm.session.session import Rules, Session
from robot_wm.station.plain import PlainStation
from robot_wm.world_model.wam import checkpoint
from robot_wm.world_model.wam.model import WAM
from sim.station import SimStation
from tests.world_model.toy import TINY

CONFIG = PlannerConfig(samples=(16, 8), deadline_ms=1e6)
NAMES = ("red cube", "blue bin")
GOALS = (Task("push", "red cube", direction="left"), Task("home"))


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
    station: SimStation,
    arm: str,
    weights: Path,
    path: Path,
    ticks: int = 6,
    config: PlannerConfig = CONFIG,
    goals: tuple[Task, ...] = GOALS,
    seed: int = 3,
) -> Path:
    """Two goals of a few ticks each, on an entered station, as a session pursues them."""
    station.reset(seed, NAMES)
    agent = open_planner("planner", weights, station.arm.spec, language=False, config=config)
    subject = LogSubject("do", arm, SceneRecord("tabletop", seed, station.names))
    with SessionLog(LogRequest(path), subject, station, agent.describe()) as log:
        session = Session(station, agent, [log], Rules(park=False))
        session.understand(Instruction("", goals))
        for task in goals:
            session.pursue(task, Unreachable("nobody"), ticks)
    return path


def record_by_hand(path: Path, ticks: int = 12) -> Path:
    """A few ticks of the fake arm, moved by no model; without a simulator or a goal."""
    clock = FakeClock()
    station = PlainStation(FakeArm(clock.now_s), {}, clock)
    waves = [0.012 * np.sin(0.6 * tick) for tick in range(1, ticks + 1)]  # gently to and fro, as a person would
    agent = Script([np.array([wave, 0.008, -wave, 0.02, 0.5]) for wave in waves])
    subject = LogSubject("record", "fake")
    with station, SessionLog(LogRequest(path), subject, station, agent.describe()) as log:
        Session(station, agent, [log], Rules(park=False)).pursue(None, Unreachable("nobody"), ticks)
    return path
