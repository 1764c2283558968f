"""One episode: lay the table, say the instruction, let the contestant try, let the simulator judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from robot_wm.action_space import CartesianActions
from robot_wm.control.loop import observe, run_goal
from robot_wm.errors import DeviceError
from robot_wm.evaluate.contestants import Contestant, Refused
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.suite import Bumps, Suite
from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from robot_wm.kinematics import Kinematics
from robot_wm.records import GoalResult, Tick
from robot_wm.session.journal import Journal
from robot_wm.session.recording import Logs, NoLogs
from robot_wm.station.station import SimulatedStation
from robot_wm.types import Goal

NOTHING = Task("none")
NO_LOGS = NoLogs()


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
        return self.outcome == ("refused" if self.episode.line.kind == "none" else "done")

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
    station: SimulatedStation, contestant: Contestant, suite: Suite, episode: Episode, logs: Logs = NO_LOGS
) -> Outcome:
    """Play one episode on an entered station."""
    station.reset(episode.seed, episode.names, episode.away)
    judge = station.judge(episode.line.goals[0])
    if judge.already_done:
        return Outcome(episode, "dropped", "")
    with logs.open(station, suite, episode) as journal:
        outcome = _tried(station, contestant, suite, episode, journal)
        journal.note(f"{outcome.outcome}: {outcome.understood}", "eval")
    return outcome


def _tried(
    station: SimulatedStation, contestant: Contestant, suite: Suite, episode: Episode, journal: Journal
) -> Outcome:
    """Understand and pursue, telling the journal of all of it."""
    seen = observe(station.arm, station.cameras)
    journal.look("understand", seen)
    understood, said = contestant.understand(episode.said, seen, episode.seed), episode.said.instruction
    if isinstance(understood, Refused):
        journal.instruction(said, (), understood.words, 0.0, refused=True)
        return Outcome(episode, "refused", understood.words)
    words = ", then ".join(task.words() for task in understood)
    journal.instruction(said, tuple(task.to_json() for task in understood), words, 1.0)
    if episode.line.kind == "none":  # taken up though it was to be refused: what follows cannot mend that
        return Outcome(episode, "failed", words)
    bump = Bumper(station, suite.bumps, episode)
    results, fault = list[GoalResult](), ""
    try:
        for result in _pursue(station, contestant, suite, episode, understood, bump, journal):
            results.append(result)
    except DeviceError as error:  # an arm that latches a fault has failed this episode; the next one starts it anew
        fault = str(error)
        journal.note(fault, "eval", "error")
    return _outcome(episode, understood, results, bump.done, fault)


def _pursue(
    station: SimulatedStation,
    contestant: Contestant,
    suite: Suite,
    episode: Episode,
    understood: tuple[Task, ...],
    bump: "Bumper",
    journal: Journal,
) -> Iterator[GoalResult]:
    """Each goal is judged by what was meant and pursued as it was understood; the first that fails ends it.

    Raises DeviceError where the arm or a camera fails.
    """
    actions = CartesianActions(Kinematics(station.arm.spec))

    def on_tick(tick: Tick) -> None:
        journal.tick(tick)  # before the bump: a log holds the state that the tick led to
        bump(tick)

    for task, goal in zip_longest(understood, episode.line.goals):
        if task is None or goal is None:
            break
        seen = observe(station.arm, station.cameras)
        journal.look("goal", seen)
        policy, aim = contestant.take_up(task, seen)
        journal.goal(task.to_json(), aim if isinstance(aim, Goal) else None)
        judge, ticks = station.judge(goal), suite.ticks_for(goal.skill)
        result = run_goal(station.arm, station.cameras, station.clock, policy, actions, aim, judge, ticks, on_tick)
        journal.result(result.done, result.already_done, result.judged_by)
        yield result
        if not result.done:
            break


def _outcome(
    episode: Episode, understood: tuple[Task, ...], results: list[GoalResult], bumped: bool, fault: str
) -> Outcome:
    """Done where all that was meant was reached, and nothing besides was taken up."""
    reached, meant = sum(result.done for result in results), len(episode.line.goals)
    reasons = {reason for result in results for reason in result.held}
    return Outcome(
        episode,
        "done" if reached == meant == len(understood) else "failed",
        ", then ".join(task.words() for task in understood),
        goals_reached=reached,
        ticks=sum(result.ticks for result in results),
        seconds=sum(result.seconds for result in results),
        decision_ms=tuple(ms for result in results for ms in result.decision_ms),
        held={reason: sum(result.held.get(reason, 0) for result in results) for reason in sorted(reasons)},
        bumped=bumped,
        fault=fault,
    )


class Bumper:
    """Bumps the first goal's object once, at a tick settled by the seed or as soon after it as the object is free."""

    def __init__(self, station: SimulatedStation, bumps: Bumps | None, episode: Episode) -> None:
        thing = episode.line.goals[0].object
        self.done = False
        self._station = station
        self._seed = episode.seed
        self._thing = thing if bumps is not None and thing is not None and kind_of(thing) in MOVABLE_KINDS else None
        chance = np.random.default_rng([episode.seed, 3])
        self._due = int(chance.integers(bumps.earliest_tick, bumps.latest_tick + 1)) if bumps is not None else 0

    def __call__(self, tick: Tick) -> None:
        if self._thing is not None and not self.done and tick.number >= self._due:
            self.done = self._station.bump(self._thing, self._seed)
