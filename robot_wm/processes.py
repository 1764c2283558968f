"""Worker processes that run one job after another and report progress. Knows nothing of the jobs.

Each worker has its own pipe and shares no lock, so that a killed worker cannot block the others; each exits by itself
when its parent has died. Workers are spawned, with one thread per library.
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

# Llvmpipe, which renders without a GPU, would start one thread per core in every worker.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {"LP_NUM_THREADS": "0"}

Report = Callable[[int], None]
Worker = Callable[[Any, Report], Any]  # runs one job, reports amounts of work meanwhile, returns the result


@dataclass(frozen=True)
class Done:
    """Progress of a worker: an `amount` of work; or, with `job`, the completion of that job with its `result`."""

    amount: int = 0
    job: Any = None
    result: Any = None


def run(
    make_worker: Callable[[], AbstractContextManager[Worker]], jobs: Iterable[Any], workers: int
) -> Generator[Done, None, None]:
    """Run jobs in worker processes and yield their progress in the order of arrival.

    Closing the iterator terminates the workers.

    Args:
        make_worker: called in each process; must be picklable.
        jobs: must be picklable.
        workers: number of processes.

    Raises:
        RobotWMError: a worker raised one (with its exit status) or has died.
    """
    waiting = iter(jobs)
    pool: dict[Connection, SpawnProcess] = {}
    try:
        with _environment(SINGLE):
            for _ in range(workers):
                _start(pool, make_worker)
        for pipe in pool:
            pipe.send(next(waiting, None))
        while pool:
            for pipe in wait(list(pool)):
                assert isinstance(pipe, Connection)
                message = _receive(pipe, pool)
                if isinstance(message, Done):
                    yield message
                    if message.job is not None:
                        pipe.send(next(waiting, None))
    finally:
        for process in pool.values():
            process.terminate()
        for pipe, process in pool.items():
            process.join()
            pipe.close()


def _start(pool: dict[Connection, SpawnProcess], make_worker: Callable) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make_worker), daemon=True)
    process.start()
    theirs.close()
    pool[ours] = process


def _receive(pipe: Connection, pool: dict[Connection, SpawnProcess]) -> Done | None:
    """Return the next message of a worker, or None if it has exited normally; it is then removed from the pool."""
    try:
        message = pipe.recv()
    except EOFError:
        process = pool[pipe]
        process.join()
        if process.exitcode == 0:
            del pool[pipe]
            pipe.close()
            return None
        raise RobotWMError(
            f"a worker process ended with status {process.exitcode} (-9: killed, often for memory); "
            "rerun the command, perhaps with fewer workers"
        ) from None
    if isinstance(message, BaseException):
        raise message
    return message


def _serve(pipe: Connection, make_worker: Callable[[], AbstractContextManager[Worker]]) -> None:
    """Run jobs in a worker process. Ctrl-C reaches the whole process group; only the parent handles it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with make_worker() as work:
            while (job := pipe.recv()) is not None:
                result = work(job, lambda amount: pipe.send(Done(amount)))
                pipe.send(Done(job=job, result=result))
    except (EOFError, BrokenPipeError):  # the parent has died
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
