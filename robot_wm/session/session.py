"""One agent carries out instructions on one robot setup: observe, understand, take up, run, judge, report.

`do`, `record`, `eval` and the closed-loop replay all run this. It prints nothing, touches no signal handler and works
from any thread; whoever wants to know what happens subscribes to its events.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from robot_wm.action_space import CartesianActions
from robot_wm.arm import Arm
from robot_wm.control.agent import Agent
from robot_wm.control.judging import Judge, OwnEstimate, Unreachable
from robot_wm.control.loop import ActionSpace, ArmLike, observe, run_goal
from robot_wm.control.parking import ArmGuard
from robot_wm.errors import DeviceError, RefusedError
from robot_wm.goals import Task
from robot_wm.kinematics import Kinematics
from robot_wm.records import GoalResult, Instruction, Refusal, Understanding
from robot_wm.session.events import (
    GOAL,
    UNDERSTAND,
    Event,
    FaultEvent,
    GoalEvent,
    ObservationEvent,
    ParkingEvent,
    ReportEvent,
    ResultEvent,
    Subscriber,
    TickEvent,
    UnderstandingEvent,
)
from robot_wm.session.report import DONE, FAILED, FAULT, REFUSED, Report
from robot_wm.station.station import Station
from robot_wm.types import ArmCommand, ArmTarget, Observation

TICKS_MAX = 150  # control ticks for one goal, at 10 Hz

JudgeFor = Callable[[int, Task | None], Judge | None]
TicksFor = Callable[[int, Task | None], int]


@dataclass(frozen=True)
class Rules:
    """How goals are judged and how long each may take.

    `judge_for` and `ticks_for` get the goal's number, from 0, and the goal; a judge of None ends the session there.
    """

    judge_for: JudgeFor | None = None  # None: the simulator where there is one, else the agent's own estimate
    ticks_for: TicksFor = lambda number, task: TICKS_MAX
    park: bool = True  # guard the arm while goals are pursued, and park it afterwards
    dt_s: float = 0.1  # between ticks


@final
class Session:
    """Runs an agent on an entered station whose table is set up.

    Args:
        station: the robot setup.
        agent: who decides.
        subscribers: called with each event, in this order, from the thread that runs the session.
        rules: how goals are judged and how long they may take.
        actions: what the agent's actions mean; Cartesian steps of the tool by default.
    """

    def __init__(
        self,
        station: Station,
        agent: Agent,
        subscribers: Sequence[Subscriber] = (),
        rules: Rules = Rules(),
        actions: ActionSpace | None = None,
    ) -> None:
        self._station, self._agent, self._rules = station, agent, rules
        self._subscribers = tuple(subscribers)
        self._emitting = threading.RLock()  # the guard of a silent controller parks from a thread of its own
        self._actions = actions or CartesianActions(Kinematics(station.arm.spec))
        self._arm: Arm | ArmGuard = station.arm

    def run(self, instruction: Instruction) -> Report:
        """Carry out an instruction, goal after goal, until one fails.

        A device fault, and a goal that this agent cannot pursue at all, end it and are reported.

        Raises:
            InstructionError: the instruction is no text that can be read.
        """
        reply: Understanding | Refusal | None = None
        results: list[GoalResult] = []
        fault = refused = ""
        try:
            reply = self.understand(instruction)
            if isinstance(reply, Understanding):
                self._pursue_all(reply.tasks, results)
        except RefusedError as error:
            refused = str(error)
        except DeviceError as error:
            fault = str(error)
            self._emit(FaultEvent(fault))
        report = _report(instruction, reply, tuple(results), fault, refused)
        self._emit(ReportEvent(report))
        return report

    def understand(self, instruction: Instruction) -> Understanding | Refusal:
        """Observe, and have the agent work out what is meant. Raises DeviceError where the arm or a camera fails."""
        reply = self._agent.understand(instruction, self.observe(UNDERSTAND))
        self._emit(UnderstandingEvent(instruction, reply))
        return reply

    def observe(self, purpose: str) -> Observation:
        """Observe the world outside the ticks. Raises DeviceError where the arm or a camera fails."""
        observation = observe(self._arm, self._station.cameras)
        self._emit(ObservationEvent(purpose, observation))
        return observation

    def pursue(self, task: Task | None, judge: Judge, ticks_max: int) -> GoalResult:
        """Have the agent take up one goal, and run it until `judge` says done or `ticks_max` ticks are over.

        Raises DeviceError where the arm or a camera fails.
        """
        goal = self._agent.start(task, self.observe(GOAL))
        self._emit(GoalEvent(task, goal))
        station, arm = self._station, self._arm
        result = run_goal(
            arm,
            station.cameras,
            station.clock,
            self._agent,
            self._actions,
            judge,
            ticks_max,
            lambda tick: self._emit(TickEvent(tick)),
            self._rules.dt_s,
        )
        self._emit(ResultEvent(result))
        return result

    def _pursue_all(self, tasks: tuple[Task, ...], results: list[GoalResult]) -> None:
        """Pursue each goal in order, until one fails; its result is appended to `results`."""
        with self._guarded():
            for number, task in enumerate(tasks or (None,)):
                judge = self._judge(number, task)
                if judge is None:
                    return
                results.append(self.pursue(task, judge, self._rules.ticks_for(number, task)))
                if not results[-1].done:
                    return

    def _judge(self, number: int, task: Task | None) -> Judge | None:
        if self._rules.judge_for is not None:
            return self._rules.judge_for(number, task)
        return judge_of(self._station, task)

    @contextmanager
    def _guarded(self) -> Iterator[ArmLike]:
        """Guard the arm, and park it in the end, where the rules say so."""
        if not self._rules.park:
            yield self._arm
            return
        station = self._station
        errors: list[Exception] = []

        def on_command(target: ArmTarget, sent: ArmCommand) -> None:
            try:
                self._emit(ParkingEvent(target, sent))
            except Exception as error:  # a subscriber must not stop the parking
                errors.append(error)

        with ArmGuard(station.arm, station.clock, on_command=on_command) as guard:
            self._arm = guard
            try:
                yield guard
            finally:
                self._arm = station.arm
        if errors:
            raise errors[0]

    def _emit(self, event: Event) -> None:
        with self._emitting:
            for subscriber in self._subscribers:
                subscriber(event)


def judge_of(station: Station, task: Task | None) -> Judge:
    """Judge by the simulator where there is one, else by the agent's own estimate.

    A goal about an object that the agent believes in and the simulator does not have is never reached.
    """
    if station.simulation is None or task is None:
        return OwnEstimate()
    return station.simulation.judge(task) if set(task.names) <= set(station.simulation.names) else Unreachable()


def _report(
    instruction: Instruction,
    reply: Understanding | Refusal | None,
    results: tuple[GoalResult, ...],
    fault: str,
    refused: str,
) -> Report:
    if refused:
        tasks, confidence = (reply.tasks, reply.confidence) if isinstance(reply, Understanding) else ((), None)
        return Report(instruction.text, REFUSED, refused, tasks, results, confidence)
    if reply is None:
        return Report(instruction.text, FAULT, "", fault=fault)
    if isinstance(reply, Refusal):
        return Report(instruction.text, REFUSED, reply.words)
    reached = len(results) == max(1, len(reply.tasks)) and results[-1].done
    outcome = FAULT if fault else DONE if reached else FAILED
    return Report(instruction.text, outcome, reply.words, reply.tasks, results, reply.confidence, fault)
