"""One instruction from start to end: look, understand, pursue each goal under supervision, report.

The pieces (station, agent, console) are passed in. Shared by whatever does one instruction at a time.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, final

from rich.console import Console

from robot_wm.action_space import CartesianActions
from robot_wm.cli.progress import LiveProgress
from robot_wm.control.judging import SIMULATOR, Judge, OwnEstimate
from robot_wm.control.loop import observe, run_goal
from robot_wm.control.parking import Supervisor
from robot_wm.control.policy import Policy
from robot_wm.errors import ConfigError, DeviceError, RefusedError, UnknownNameError
from robot_wm.evaluate.statistics import latency_percentiles
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import SceneRecord
from robot_wm.records import AgentRecord, Decision, GoalResult, Refusal, Tick, Understanding
from robot_wm.session.journal import Journal, Silent
from robot_wm.session.recording import LogRequest, Session, open_recorder
from robot_wm.session.video import Film
from robot_wm.station.make import scene_of
from robot_wm.station.station import SimulatedStation, Station
from robot_wm.types import Goal, Observation

TICKS_MAX = 150  # control ticks at 10 Hz for one goal
EXIT_STATUS = {"done": 0, "failed": 3, "refused": RefusedError.exit_status, "fault": DeviceError.exit_status}


class Speaker(Policy, Protocol):
    """A policy that understands English; `robot_wm.agents.planner.Agent` does."""

    def understand(self, instruction: str, observation: Observation) -> Understanding | Refusal:
        """What is meant, or why not."""
        raise NotImplementedError

    def goal(self, task: Task, observation: Observation) -> Goal:
        """The point in goal space that a task means from here."""
        raise NotImplementedError


@dataclass(frozen=True)
class Report:
    """How it went, in the form that `do --json` prints."""

    instruction: str
    arm: str
    seed: int
    outcome: str  # "done", "failed", "refused" or "fault"
    understood: str  # in words; on a refusal, why
    goal: tuple[Task, ...] = ()
    judged_by: str | None = None
    results: tuple[GoalResult, ...] = ()
    confidence: float | None = None  # that it was understood aright
    video: Path | None = None
    fault: str = ""
    log: Path | None = None

    @property
    def exit_status(self) -> int:
        """What the process exits with."""
        return EXIT_STATUS[self.outcome]

    @property
    def steps(self) -> int:
        """Control ticks in all."""
        return sum(result.ticks for result in self.results)

    @property
    def seconds(self) -> float:
        """Time on the arm's clock."""
        return sum(result.seconds for result in self.results)

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        goals = [task.to_json() for task in self.goal]
        return {
            "instruction": self.instruction,
            "understood": self.understood,
            "goal": None if not goals else goals[0] if len(goals) == 1 else goals,
            "outcome": self.outcome,
            "judged_by": self.judged_by,
            "steps": self.steps,
            "seconds": round(self.seconds, 2),
            "plan_ms": latency_percentiles([ms for result in self.results for ms in result.decision_ms]),
            "arm": self.arm,
            "seed": self.seed,
            "video": _there(self.video),
            "log": _there(self.log),
        }

    def words(self) -> str:
        """For a person: what was done, who says so, and how sure it is."""
        if self.outcome == "refused":
            return f"refused: {self.understood}"
        if self.outcome == "fault":
            return f"fault: {self.fault}"
        verb = "done" if self.outcome == "done" else "not achieved"
        sure = "" if self.confidence is None else f"; understood with {self.confidence:.0%} confidence"
        belief = self.results[-1].done_probability if self.results else float("nan")
        own = f"; its own estimate of being there: {belief:.0%}" if belief == belief else ""  # nan is not itself
        took = f"{self.steps} steps, {self.seconds:.1f} s"
        return f"{verb}: {self.understood} ({took}, judged by {self.judged_by}{sure}{own})"


@dataclass(frozen=True)
class Job:
    """What to do, and where to film it."""

    instruction: str
    arm: str
    seed: int
    things: tuple[str, ...] | None = None  # on the table; None: by the seed
    video: Path | None = None
    log: LogRequest | None = None
    policy: AgentRecord | None = None  # who decides, for the log

    def run(self, station: Station, agent: Speaker, console: Console) -> Report:
        """Do it. However it ends, the arm is parked and the film is whole; Ctrl-C goes on to the caller."""
        with ExitStack() as stack:
            film = None if self.video is None else stack.enter_context(Film(self.video, self.instruction))
            try:
                return self._report(stack.enter_context(station), agent, console, film)
            except DeviceError as error:
                return self.faulty(error)

    def faulty(self, error: DeviceError) -> Report:
        """An arm or a camera failed before anything was understood."""
        return self._about("fault", "", fault=str(error))

    def _report(self, station: Station, agent: Speaker, console: Console, film: Film | None) -> Report:
        lay(station, self.seed, self.things)
        if film is not None:
            film.show(station)
        with self._journal(station, console) as journal:
            report = self._tried(station, agent, console, film, journal)
            journal.note(report.words(), "do")
        if film is not None:
            film.end(report.words())
        return report

    def _tried(self, station: Station, agent: Speaker, console: Console, film: Film | None, journal: Journal) -> Report:
        """Understand and pursue, telling the journal of all of it."""
        seen = observe(station.arm, station.cameras)
        journal.look("understand", seen)
        reply = agent.understand(self.instruction, seen)
        if isinstance(reply, Refusal):
            journal.instruction(self.instruction, (), reply.words, 0.0, refused=True)
            return self._about("refused", reply.words)
        goals = tuple(task.to_json() for task in reply.tasks)
        journal.instruction(self.instruction, goals, reply.words, reply.confidence)
        results, fault = list[GoalResult](), ""
        try:
            self._pursue(station, agent, reply.tasks, console, film, journal, results)
        except DeviceError as error:
            fault = str(error)
        reached = len(results) == len(reply.tasks) and results[-1].done
        outcome = "fault" if fault else "done" if reached else "failed"
        return self._about(outcome, reply.words, reply.tasks, tuple(results), reply.confidence, fault)

    def _journal(self, station: Station, console: Console) -> Journal:
        """The recorder of a laid station, or one that records nothing."""
        if self.log is None or self.policy is None:
            return Silent()
        scene = None
        if isinstance(station, SimulatedStation):
            scene = SceneRecord(scene_of(self.arm), self.seed, station.names)
        session = Session("do", self.arm, self.policy, scene)
        return open_recorder(self.log, session, station, lambda words: console.print(words, style="yellow"))

    def _pursue(
        self,
        station: Station,
        agent: Speaker,
        tasks: tuple[Task, ...],
        console: Console,
        film: Film | None,
        journal: Journal,
        results: list[GoalResult],
    ) -> None:
        """Each goal in order, until one fails; what came of it is put into `results`."""
        actions = CartesianActions(Kinematics(station.arm.spec))
        progress = LiveProgress(console, self.instruction, tasks)
        with Supervisor(station.arm, station.clock, told=journal.parking) as supervisor, progress:
            for task in tasks:
                watchers = [journal.tick, progress.begin(task)]
                watchers += [] if film is None else [film.begin(station, task)]
                seen = observe(supervisor, station.cameras)
                journal.look("goal", seen)
                goal = agent.goal(task, seen)
                journal.goal(task.to_json(), goal if isinstance(goal, Goal) else None)
                judge, tell = judge_of(station, task), _all(watchers)
                results.append(
                    run_goal(supervisor, station.cameras, station.clock, agent, actions, goal, judge, TICKS_MAX, tell)
                )
                journal.result(results[-1].done, results[-1].already_done, results[-1].judged_by)
                if not results[-1].done:
                    break

    def _about(
        self,
        outcome: str,
        understood: str,
        goal: tuple[Task, ...] = (),
        results: tuple[GoalResult, ...] = (),
        confidence: float | None = None,
        fault: str = "",
    ) -> Report:
        judged_by = results[-1].judged_by if results else None
        return Report(
            self.instruction,
            self.arm,
            self.seed,
            outcome,
            understood,
            goal,
            judged_by,
            results,
            confidence,
            self.video,
            fault,
            None if self.log is None else self.log.path,
        )


def _there(path: Path | None) -> str | None:
    """A file that was written."""
    return str(path) if path is not None and path.is_file() else None


def judge_of(station: Station, task: Task) -> Judge:
    """The simulator where there is one, else the policy's own estimate."""
    if not isinstance(station, SimulatedStation):
        return OwnEstimate()
    return station.judge(task) if set(task.names) <= set(station.names) else _NeverDone()


def things_in(words: str) -> tuple[str, ...]:
    """Names from "red cube, green pad". Raises UnknownNameError, ConfigError."""
    names = tuple(" ".join(part.lower().split()) for part in words.split(",") if part.strip())
    for name in names:
        if name not in NAMES:
            raise UnknownNameError("thing", name, NAMES)
    if not names:
        raise ConfigError(f'--scene names nothing, received {words!r}; write it like "red cube, green pad"')
    return names


@final
class _NeverDone:
    """For a goal about something that the policy believes in and the simulator knows is not there."""

    judged_by, done, already_done = SIMULATOR, False, False

    def update(self, decision: Decision) -> None:
        """It stays not there."""


def lay(station: Station, seed: int, things: tuple[str, ...] | None) -> None:
    """Lay the table, where it can be laid. Raises ConfigError where things are asked for on a real one."""
    if seed < 0:
        raise ConfigError(f"--seed must be 0 or more, received {seed}")
    if isinstance(station, SimulatedStation):
        station.reset(seed, things)
    elif things is not None:
        raise ConfigError("--scene lays a simulated table; on this arm, put the things there yourself and leave it out")


def _all(watchers: list[Callable[[Tick], None]]) -> Callable[[Tick], None]:
    def tell(tick: Tick) -> None:
        for watcher in watchers:
            watcher(tick)

    return tell
