"""Episodes spread over processes. Each process opens its own bench and contestant; results come back as they end."""

import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty
from typing import Protocol

from robot_wm.control.bench import SimulatedBench
from robot_wm.errors import ConfigError, RobotWMError
from robot_wm.evaluate.contestants import Contestant
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.recording import Logs
from robot_wm.evaluate.run import NO_LOGS, Outcome, run_episode
from robot_wm.evaluate.suite import Suite

_LOOK_S = 1.0  # how often to see whether the processes are still alive


class Opens(Protocol):
    """A recipe: plain values that become a bench and a contestant."""

    def open(self, suite: Suite) -> tuple[SimulatedBench, Contestant]:
        """Open them."""
        raise NotImplementedError


def play_all(
    recipe: Opens, suite: Suite, episodes: Sequence[Episode], workers: int, logs: Logs = NO_LOGS
) -> Iterator[Outcome]:
    """Outcomes in the order in which they end; the same ones for any number of workers."""
    if workers < 1:
        raise ConfigError(f"workers must be at least 1, received {workers}")
    if workers == 1:
        yield from _play(recipe, suite, episodes, logs)
        return
    context = get_context("spawn")
    results: Queue[object] = context.Queue()
    shares = [episodes[first::workers] for first in range(min(workers, len(episodes)))]
    processes = [
        context.Process(target=_work, args=(recipe, suite, share, results, logs), daemon=True) for share in shares
    ]
    with _one_thread_each():
        for process in processes:
            process.start()
    try:
        for _ in episodes:
            yield _next(results, processes)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _play(recipe: Opens, suite: Suite, episodes: Sequence[Episode], logs: Logs) -> Iterator[Outcome]:
    bench, contestant = recipe.open(suite)
    with bench:
        for episode in episodes:
            yield run_episode(bench, contestant, suite, episode, logs)


def _work(recipe: Opens, suite: Suite, episodes: Sequence[Episode], results: "Queue[object]", logs: Logs) -> None:
    """A worker process: puts outcomes, or the words of what went wrong with its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        for outcome in _play(recipe, suite, episodes, logs):
            results.put(outcome)
    except RobotWMError as error:
        results.put((error.exit_status, str(error)))
    except Exception:
        results.put((None, traceback.format_exc()))
    results.close()
    results.join_thread()
    sys.exit(0)


def _next(results: "Queue[object]", processes: Sequence[BaseProcess]) -> Outcome:
    while True:
        try:
            return _checked(results.get(timeout=_LOOK_S))
        except Empty:
            for process in processes:
                if process.exitcode not in (None, 0):
                    raise RuntimeError(f"a worker process died with exit status {process.exitcode}") from None


def _checked(result: object) -> Outcome:
    if isinstance(result, Outcome):
        return result
    assert isinstance(result, tuple), result
    status, words = result
    if status is None:
        raise RuntimeError(f"a worker process failed:\n{words}")
    error = RobotWMError(words)
    error.exit_status = status
    raise error


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Children started here compute with one thread each; this process keeps its own setting."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
