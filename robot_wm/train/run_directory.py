"""The run directory: held by one process, for one configuration and one set of inputs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from robot_wm.errors import ConfigError
from robot_wm.files import locked, write_whole
from robot_wm.train.learner import Learner

RECORD = "run.json"


@contextmanager
def hold_run_directory(out: Path, learner: Learner, resume: bool) -> Iterator[None]:
    """Hold `out` for the body: a new directory, or with `resume` the one of an equal run.

    Raises:
        ConfigError: `out` holds a run already, holds none to resume or that of another configuration, dataset or
            start, or another process is training in it.
    """
    path, record = out / RECORD, _record(learner)
    if path.is_file() and not resume:
        raise ConfigError(f"{out} already holds a run; add --resume to continue it, or choose another --out")
    if resume and not path.is_file():
        raise ConfigError(f"{out} holds no run to resume; omit --resume, or give the --out of an existing run")
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / "lock", f"another process is training in {out}; wait for it to finish, or stop it"):
        if resume:
            _require_equal(path, record)
        else:
            write_whole(path, (json.dumps(record, indent=1) + "\n").encode())
        yield


def _record(learner: Learner) -> dict[str, object]:
    return {"config": json.loads(json.dumps(asdict(learner.config))), **learner.identity()}


def _require_equal(path: Path, record: dict[str, object]) -> None:
    try:
        recorded = json.loads(path.read_text())
    except ValueError as error:
        raise ConfigError(f"{path} is damaged ({error}); start a new run with another --out") from error
    for key, value in record.items():
        if recorded.get(key) != value:
            raise ConfigError(
                f"the {key} differs from the one recorded in {path}{_differences(recorded.get(key), value)}; "
                "resume with the original one, or start a new run with another --out"
            )


def _differences(recorded: object, value: object) -> str:
    """Name the keys in which two mappings differ."""
    if not (isinstance(recorded, dict) and isinstance(value, dict)):
        return ""
    keys = sorted(key for key in {*recorded, *value} if recorded.get(key) != value.get(key))
    return f" (in {', '.join(keys)})"
