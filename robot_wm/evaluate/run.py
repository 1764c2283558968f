"""One episode: set the table up, give the instruction, let the agent try, let the simulator judge."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from robot_wm.control.agent import Agent
from robot_wm.control.judging import Judge
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
    """How one episode went."""

    episode: Episode
    outcome: str  # "done", "failed", "refused", or "dropped" where it was solved before it began
    understood: str  # in words; what was said on refusing
    goals_reached: int = 0
    ticks: int = 0
    seconds: float = 0.0  # simulated
    decision_ms: tuple[float, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    bumped: bool = False
    fault: str = ""  # what the arm or a camera said when it failed in the middle

    @property
    def success(self) -> bool:
        """Did what was said; where that is to be refused, refused."""
        return self.outcome == ("refused" if self.episode.line.is_refusal else "done")

    def to_json(self) -> dict[str, object]:
        """The row of `episodes_detail`."""
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
    """Play one episode on an entered station.

    Args:
        station: a simulated setup.
        agent: the agent under test.
        suite: limits and disturbances.
        episode: the table, and what is meant.
        instruction: what the agent gets.
        logs: where to log it.
    """
    simulation = require_simulation(station, "an evaluation")
    simulation.reset(episode.seed, episode.names, episode.away)
    goals = episode.line.goals
    if simulation.judge(goals[0]).already_done:
        return Outcome(episode, "dropped", "")
    agent.reset(episode.seed)
    bumper = Bumper(simulation, suite.bumps, goals[0], episode.seed)

    def judge_for(number: int, understood: Task | None) -> Judge | None:
        """Judge each goal by what is meant; what should have been refused is not pursued."""
        pursued = number < len(goals) and not goals[number].is_refusal
        return simulation.judge(goals[number]) if pursued else None

    rules = Rules(judge_for, lambda number, understood: suite.ticks_for(goals[number].skill), park=False)
    with nullcontext() if logs is None else logs.open(station, agent, suite, episode) as log:
        subscribers = [bumper] if log is None else [log, bumper]  # a log holds the state that the tick led to
        report = Session(station, agent, subscribers, rules).run(instruction)
    return _outcome(episode, report, bumper.done)


def _outcome(episode: Episode, report: Report, bumped: bool) -> Outcome:
    """Call it done where all that is meant was reached and nothing else was pursued."""
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
