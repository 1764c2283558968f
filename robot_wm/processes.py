"""Worker processes that take one job after another and report back. Knows nothing of what the jobs are.

Each worker has its own pipe and shares no lock, so that one that is killed can neither block nor mislead the rest;
and each ends by itself when its parent is gone. Workers start fresh ("spawn") with one thread a library.
"""

import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from robot_wm.errors import RobotWMError

# Llvmpipe, which draws where there is no GPU, would start a thread a core in every worker.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {"LP_NUM_THREADS": "0"}

Report = Callable[[int], None]
Worker = Callable[[Any, Report], Any]  # does one job, reports amounts of work as it goes, returns what came of it


@dataclass(frozen=True)
class Done:
    """What a worker has got done: an `amount` of work; or, with `job`, that whole job and its `result`."""

    amount: int = 0
    job: Any = None
    result: Any = None


def run(
    make_worker: Callable[[], AbstractContextManager[Worker]], jobs: Iterable[Any], workers: int
) -> Generator[Done, None, None]:
    """Have `jobs` done by `workers` processes; yields what gets done, in the order of arrival.

    `make_worker` must be picklable and is called in each process. Closing the iterator ends the workers. Raises
    RobotWMError, with its exit status, where a worker raised one or has died.
    """
    waiting = iter(jobs)
    crew: dict[Connection, SpawnProcess] = {}
    try:
        with _environment(SINGLE):
            for _ in range(workers):
                _hire(crew, make_worker)
        for pipe in crew:
            pipe.send(next(waiting, None))
        while crew:
            for pipe in wait(list(crew)):
                assert isinstance(pipe, Connection)
                message = _receive(pipe, crew)
                if isinstance(message, Done):
                    yield message
                    if message.job is not None:
                        pipe.send(next(waiting, None))
    finally:
        for process in crew.values():
            process.terminate()
        for pipe, process in crew.items():
            process.join()
            pipe.close()


def _hire(crew: dict[Connection, SpawnProcess], make_worker: Callable) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make_worker), daemon=True)
    process.start()
    theirs.close()
    crew[ours] = process


def _receive(pipe: Connection, crew: dict[Connection, SpawnProcess]) -> Done | None:
    """The next message of a worker; one that has nothing left to do leaves the crew."""
    try:
        message = pipe.recv()
    except EOFError:
        process = crew[pipe]
        process.join()
        if process.exitcode == 0:
            del crew[pipe]
            pipe.close()
            return None
        raise RobotWMError(
            f"a worker process ended with status {process.exitcode} (-9: killed, often for memory); "
            "run the same command again, perhaps with fewer workers"
        ) from None
    if isinstance(message, BaseException):
        raise message
    return message


def _serve(pipe: Connection, make_worker: Callable[[], AbstractContextManager[Worker]]) -> None:
    """A worker's life. Ctrl-C reaches the whole group; only the parent answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with make_worker() as work:
            while (job := pipe.recv()) is not None:
                result = work(job, lambda amount: pipe.send(Done(amount)))
                pipe.send(Done(job=job, result=result))
    except (EOFError, BrokenPipeError):  # the parent is gone
        return
    except RobotWMError as error:
        plain = RobotWMError(str(error))  # not every kind can be pickled
        plain.exit_status = error.exit_status
        pipe.send(plain)
    except Exception:
        pipe.send(RuntimeError(f"a worker process failed:\n{traceback.format_exc()}"))
    finally:
        pipe.close()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the processes started inside."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
