"""Laws of a session: the order of its events, faults, refusals, a guarded arm, and any thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from robot_wm.control.agent import Agent, accept_given
from robot_wm.control.judging import Unreachable
from robot_wm.errors import ConfigError, DeviceError, UnknownNameError
from robot_wm.goals import Task
from robot_wm.log.read import load_log
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.session.events import (
    Event,
    FaultEvent,
    GoalEvent,
    ObservationEvent,
    ParkingEvent,
    ReportEvent,
    ResultEvent,
    TickEvent,
    UnderstandingEvent,
)
from robot_wm.session.recording import LogRequest
from robot_wm.session.report import Report
from robot_wm.session.run import Job, run_job
from robot_wm.session.session import Rules, Session, judge_of
from robot_wm.session.setup import objects_in, set_up
from robot_wm.station.plain import fake_station
from robot_wm.types import Observation
from tests.evaluate.fakes import CountingStation

LIFT, PUSH = Task("lift", "red cube"), Task("push", "red cube", direction="left")


class Working(Agent):
    """Works on the goals it is given; breaks at a tick, or refuses, where asked."""

    def __init__(self, breaks_at: int = 10**9, refuses: bool = False) -> None:
        self._breaks_at, self._refuses, self._ticks = breaks_at, refuses, 0

    def reset(self, seed: int) -> None:
        self._ticks = 0

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        if self._refuses:
            return Refusal("I see no purple cube", "absent")
        return accept_given(instruction) or Understanding((LIFT,), 0.9, "lift the red cube")

    def start(self, task: Task | None, observation: Observation) -> None:
        pass

    def decide(self, observation: Observation) -> Decision:
        self._ticks += 1
        if self._ticks > self._breaks_at:
            raise DeviceError("servo 3 is silent")
        return Decision(np.array([0.0, 0.02, 0.01, 0.0, 0.5]), source="worker")

    def describe(self) -> AgentRecord:
        return AgentRecord("working", checkpoint="mine")


def run(agent: Agent, *goals: Task, rules: Rules | None = None) -> tuple[Report, list[Event]]:
    events: list[Event] = []
    with CountingStation() as station:
        set_up(station, 0, None)
        report = Session(station, agent, [events.append], rules or Rules()).run(Instruction("do it", goals or None))
    return report, events


def kinds(events: list[Event]) -> list[type]:
    """Kinds of events in order, those that repeat once."""
    found = [type(event) for event in events]
    return [kind for number, kind in enumerate(found) if number == 0 or kind is not found[number - 1]]


def test_events_come_in_order_and_the_report_is_last() -> None:
    report, events = run(Working(), LIFT, PUSH)
    goal = [ObservationEvent, GoalEvent, TickEvent, ResultEvent]
    assert kinds(events) == [ObservationEvent, UnderstandingEvent, *goal, *goal, ParkingEvent, ReportEvent]
    assert events[-1] == ReportEvent(report)
    assert (report.outcome, report.exit_status, report.steps, len(report.results)) == ("done", 0, 6, 2)


def test_a_refusal_moves_nothing() -> None:
    report, events = run(Working(refuses=True))
    assert kinds(events) == [ObservationEvent, UnderstandingEvent, ReportEvent]
    assert (report.outcome, report.exit_status, report.understood) == ("refused", 4, "I see no purple cube")


def test_a_fault_is_reported_and_the_arm_is_parked() -> None:
    report, events = run(Working(breaks_at=1), LIFT, PUSH)
    assert (report.outcome, report.exit_status, report.fault) == ("fault", 5, "servo 3 is silent")
    assert kinds(events)[-3:] == [ParkingEvent, FaultEvent, ReportEvent]


def test_the_first_goal_that_fails_ends_it() -> None:
    report, _ = run(Working(), LIFT, PUSH, rules=Rules(ticks_for=lambda number, task: 2))
    assert (report.outcome, report.exit_status, len(report.results)) == ("failed", 3, 1)


def test_a_judge_of_none_ends_it() -> None:
    report, events = run(Working(), LIFT, rules=Rules(judge_for=lambda number, task: None, park=False))
    assert (report.outcome, report.steps) == ("failed", 0)
    assert not any(isinstance(event, GoalEvent | ParkingEvent) for event in events)


def test_no_goal_at_all_is_one_stretch() -> None:
    rules = Rules(lambda number, task: Unreachable("nobody"), lambda number, task: 4)
    events: list[Event] = []
    with fake_station("tabletop") as station:
        report = Session(station, Working(), [events.append], rules).run(Instruction("wave", ()))
    assert (report.steps, report.judged_by) == (4, "nobody")
    assert [event.task for event in events if isinstance(event, GoalEvent)] == [None]


def test_it_runs_in_a_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        report, _ = pool.submit(run, Working(), LIFT).result()
    assert report.outcome == "done"


def test_the_log_says_what_the_agent_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    run_job(Job(Instruction("lift it"), seed=7, log=LogRequest(path)), CountingStation(), Working())
    log = load_log(path)
    assert log.header.policy == AgentRecord("working", checkpoint="mine")
    assert log.header.scene is not None and log.header.scene.seed == 7
    assert [tick.goal for tick in log.ticks()] == [0, 0, 0]
    assert next(iter(log.notes())).words.startswith("done: lift the red cube")


def test_a_real_world_is_judged_by_the_agents_own_estimate() -> None:
    assert judge_of(fake_station("tabletop"), LIFT).judged_by == "own estimate"


def test_what_is_said_of_the_table_is_checked() -> None:
    assert objects_in(" Red  cube, green pad,") == ("red cube", "green pad")
    with pytest.raises(UnknownNameError, match="unknown thing 'red sphere'"):
        objects_in("red sphere")
    with pytest.raises(ConfigError, match="--scene names nothing"):
        objects_in(",")
    with CountingStation() as station, pytest.raises(ConfigError, match="--seed must be 0 or more, received -1"):
        set_up(station, -1, None)
    with fake_station("tabletop") as station, pytest.raises(ConfigError, match="--scene sets up a simulated table"):
        set_up(station, 0, ("red cube",))
