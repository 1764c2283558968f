"""Episodes spread over processes. Each process opens its own station and contestant; results come back as they end."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Protocol

from robot_wm import processes
from robot_wm.errors import ConfigError
from robot_wm.evaluate.contestants import Contestant
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.run import NO_LOGS, Outcome, run_episode
from robot_wm.evaluate.suite import Suite
from robot_wm.session.recording import Logs
from robot_wm.station.station import SimulatedStation


class Opens(Protocol):
    """A recipe: plain values that become a station and a contestant."""

    def open(self, suite: Suite) -> tuple[SimulatedStation, Contestant]:
        """Open them."""
        raise NotImplementedError


def play_all(
    recipe: Opens, suite: Suite, episodes: Sequence[Episode], workers: int, logs: Logs = NO_LOGS
) -> Iterator[Outcome]:
    """Outcomes in the order in which they end; the same ones for any number of workers."""
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
def _player(recipe: Opens, suite: Suite, logs: Logs) -> Iterator[processes.Worker]:
    station, contestant = recipe.open(suite)
    with station:

        def play(episode: Episode, report: processes.Report) -> Outcome:
            return run_episode(station, contestant, suite, episode, logs)

        yield play
