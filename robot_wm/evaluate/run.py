"""Run one episode: reset the scene, give the instruction, run the agent, judge by the simulator."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from robot_wm.control.agent import Agent
from robot_wm.control.judging import Judge
from robot_wm.errors import DeviceError
from robot_wm.evaluate.bumps import Bumper
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.logs import EpisodeLogs
from robot_wm.evaluate.suite import Suite
from robot_wm.goals import Task
from robot_wm.records import Instruction
from robot_wm.session.report import REFUSED, Report
from robot_wm.session.session import Rules, Session
from robot_wm.station.station import Station, require_simulation


@dataclass(frozen=True)
class Outcome:
    """The outcome of one episode."""

    episode: Episode
    outcome: str  # "done", "failed", "refused", or "dropped" if solved before it began
    understood: str  # the goals in words, or the reason for a refusal
    goals_reached: int = 0
    ticks: int = 0
    seconds: float = 0.0  # simulated time
    decision_ms: tuple[float, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    bumped: bool = False
    fault: str = ""  # message of the arm or camera that failed during the episode

    @property
    def success(self) -> bool:
        """True if the goals were reached, or an instruction that should be refused was refused."""
        return self.outcome == ("refused" if self.episode.line.is_refusal else "done")

    def to_json(self) -> dict[str, object]:
        """Return the row of `episodes_detail`."""
        episode = self.episode
        return {
            "index": episode.index,
            "seed": episode.seed,
            "table": episode.table,
            "scene": list(episode.names),
            "instruction": episode.said.instruction,
            "goal": [goal.to_json() for goal in episode.line.goals],
            "skill": episode.line.kind,
            "understood": self.understood,
            "outcome": self.outcome,
            "success": self.success,
            "goals_reached": self.goals_reached,
            "ticks": self.ticks,
            "seconds": round(self.seconds, 2),
            "held": dict(self.held),
            "bumped": self.bumped,
            "fault": self.fault,
        }


def run_episode(
    station: Station,
    agent: Agent,
    suite: Suite,
    episode: Episode,
    instruction: Instruction,
    logs: EpisodeLogs | None = None,
) -> Outcome:
    """Run one episode on an entered station.

    Args:
        station: a simulated setup.
        agent: the agent under test.
        suite: time limits and disturbances.
        episode: the scene and the goals that are scored.
        instruction: the instruction that the agent receives.
        logs: where to log the episode; None: nowhere.
    """
    simulation = require_simulation(station, "an evaluation")
    simulation.reset(episode.seed, episode.names, episode.away)
    goals = episode.line.goals
    if simulation.judge(goals[0]).already_done:
        return Outcome(episode, "dropped", "")
    agent.reset(episode.seed)
    bumper = Bumper(simulation, suite.bumps, goals[0], episode.seed)

    def judge_for(number: int, understood: Task | None) -> Judge | None:
        """Judge each goal by the intended one; instructions that should be refused are not pursued."""
        pursued = number < len(goals) and not goals[number].is_refusal
        return simulation.judge(goals[number]) if pursued else None

    rules = Rules(judge_for, lambda number, understood: suite.ticks_for(goals[number].skill), park=False)
    with nullcontext() if logs is None else logs.open(station, agent, suite, episode) as log:
        subscribers = [bumper] if log is None else [log, bumper]  # the log stores the state before a bump
        report = Session(station, agent, subscribers, rules).run(instruction)
    if report.fault and not report.understood:  # a setup that cannot even be observed is no failed episode
        raise DeviceError(report.fault)
    return _outcome(episode, report, bumper.done)


def _outcome(episode: Episode, report: Report, bumped: bool) -> Outcome:
    """Return "done" if all intended goals were reached and no others were pursued."""
    results, meant = report.results, len(episode.line.goals)
    reached = sum(result.done for result in results)
    reasons = {reason for result in results for reason in result.held}
    refused = report.outcome == REFUSED  # perhaps after goals that were reached
    done = reached == meant == len(report.tasks) and not report.fault
    return Outcome(
        episode,
        REFUSED if refused else "done" if done else "failed",
        report.understood if refused else ", then ".join(task.words() for task in report.tasks),
        goals_reached=reached,
        ticks=report.steps,
        seconds=report.seconds,
        decision_ms=tuple(ms for result in results for ms in result.decision_ms),
        held={reason: sum(result.held.get(reason, 0) for result in results) for reason in sorted(reasons)},
        bumped=bumped,
        fault=report.fault,
    )
