"""A run's folder: taken by one process, for one configuration, dataset and start."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from robot_wm.data.cache import fingerprint
from robot_wm.data.episodes import EpisodeDataset
from robot_wm.errors import ConfigError
from robot_wm.files import locked, write_whole
from robot_wm.log.provenance import file_sha256
from robot_wm.train.config import TrainConfig

NOTE = "run.json"
_TOLD = {"config": "configuration", "dataset": "dataset", "start": "checkpoint to start from"}


@contextmanager
def claimed(out: Path, config: TrainConfig, dataset: EpisodeDataset, resume: bool) -> Iterator[None]:
    """Hold `out`: a new run's folder, or with `resume` that of a run of just this. Raises ConfigError."""
    note, now = out / NOTE, _note(config, dataset)
    if note.is_file() and not resume:
        raise ConfigError(f"{out} holds a run already; give --resume to go on with it, or another --out")
    if resume and not note.is_file():
        raise ConfigError(f"{out} holds no run to go on with; leave --resume out, or name the --out of one")
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / "lock", f"another process is training in {out}; wait for it, or stop it"):
        if resume:
            _compare(note, now)
        else:
            write_whole(note, (json.dumps(now, indent=1) + "\n").encode())
        yield


def _note(config: TrainConfig, dataset: EpisodeDataset) -> dict[str, object]:
    start = None if config.start is None else file_sha256(Path(config.start))
    return {"config": json.loads(json.dumps(asdict(config))), "dataset": fingerprint(dataset), "start": start}


def _compare(note: Path, now: dict[str, object]) -> None:
    try:
        then = json.loads(note.read_text())
    except ValueError as error:
        raise ConfigError(f"{note} is damaged ({error}); begin anew with another --out") from error
    for key, words in _TOLD.items():
        if then.get(key) != now[key]:
            raise ConfigError(
                f"the {words} is not the one that {note} tells of; go on with that one, or begin with another --out"
            )
