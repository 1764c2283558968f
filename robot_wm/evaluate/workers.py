"""Run episodes in several processes, each with its own setup and agent."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Protocol

from robot_wm import processes
from robot_wm.control.agent import Agent
from robot_wm.errors import ConfigError
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.logs import EpisodeLogs
from robot_wm.evaluate.run import Outcome, run_episode
from robot_wm.evaluate.suite import Suite
from robot_wm.records import Instruction
from robot_wm.station.station import Station


class Opens(Protocol):
    """Opens a setup and an agent from plain values, as `robot_wm.evaluate.recipe.Recipe` does."""

    def open(self, suite: Suite) -> tuple[Station, Agent]:
        """Open the setup and the agent."""
        ...

    def instruction(self, line: Line) -> Instruction:
        """Return the instruction that the agent receives for a line."""
        ...


def play_all(
    recipe: Opens, suite: Suite, episodes: Sequence[Episode], workers: int, logs: EpisodeLogs | None = None
) -> Iterator[Outcome]:
    """Run episodes; yield outcomes as they finish. The outcomes do not depend on the number of workers."""
    if workers < 1:
        raise ConfigError(f"workers must be at least 1, received {workers}")
    make_worker = partial(_player, recipe, suite, logs)
    if workers == 1:
        with make_worker() as play:
            for episode in episodes:
                yield play(episode, lambda amount: None)
        return
    with closing(processes.run(make_worker, episodes, min(workers, len(episodes)))) as crew:
        for done in crew:
            if done.job is not None:
                yield done.result


@contextmanager
def _player(recipe: Opens, suite: Suite, logs: EpisodeLogs | None) -> Iterator[processes.Worker]:
    station, agent = recipe.open(suite)
    with station:

        def play(episode: Episode, report: processes.Report) -> Outcome:
            return run_episode(station, agent, suite, episode, recipe.instruction(episode.said), logs)

        yield play
