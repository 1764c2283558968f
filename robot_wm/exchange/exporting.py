"""Export logs as a LeRobotDataset v3: one episode for each range without a gap.

`log_columns` lists what is kept of a tick, nearly everything; ticks are resampled to a constant rate, which
`meta/origin.json` documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from robot_wm.config import to_values
from robot_wm.data.dataset_writer import DatasetWriter, Episode
from robot_wm.data.features import PICTURE_PREFIX, Feature, picture
from robot_wm.errors import DatasetError
from robot_wm.exchange.importing import Account
from robot_wm.exchange.log_columns import Column, card, columns, plainly
from robot_wm.exchange.own_logs import LogContents, OwnLogSource, read_contents
from robot_wm.exchange.recording import Recording
from robot_wm.exchange.resampling import Piece, resample
from robot_wm.exchange.training import segments
from robot_wm.log.entries import LogHeader
from robot_wm.log.read import Log, load_log


def export_logs(paths: Sequence[Path], path: Path, fps: int | None, tolerance_s: float | None) -> Account:
    """Write a dataset of logs.

    Args:
        paths: of the logs.
        path: folder of the dataset.
        fps: frames per second; None: the rate of the first log.
        tolerance_s: largest time difference of a frame and its tick; None: 0.8 of a tick.

    Raises:
        DatasetError: the logs differ in arm or cameras, or hold no frames; nothing is written.
    """
    if (fps is not None and fps < 1) or (tolerance_s is not None and not tolerance_s > 0.0):
        raise DatasetError(f"--fps must be 1 or more and --tolerance-s above 0, received {fps} and {tolerance_s}")
    logs = [load_log(each) for each in paths]
    header = logs[0].header
    rate = round(1.0 / header.dt_s) if fps is None else fps
    within_s = 0.8 * header.dt_s if tolerance_s is None else tolerance_s
    contents_of_all = [read_contents(log) for log in logs]
    layouts = [columns(log.header, contents.ticks) for log, contents in zip(logs, contents_of_all, strict=True)]
    cameras = _cameras(header)
    _require_alike(logs, layouts)
    account = Account()
    features = [*cameras, *(each.feature for each in layouts[0])]
    with DatasetWriter.creating(path, rate, features, robot=header.arm_spec.name) as writer:
        for log, contents in zip(logs, contents_of_all, strict=True):
            _add(writer, log, contents, layouts[0], rate, within_s, account)
        if account.episodes == 0:
            raise DatasetError(f"nothing could be exported to {path}: {'; '.join(account.lost[:3])}")
        sessions = {"logs": [_session_of(log, contents) for log, contents in zip(logs, contents_of_all, strict=True)]}
        writer.note_origin(
            {"made_by": "robot-wm dataset export", "tolerance_s": within_s, **asdict(account), **sessions}
        )
        writer.note_card(card(layouts[0], account.words()))
    return account


def _cameras(header: LogHeader) -> list[Feature]:
    return [picture(each.name, each.height, each.width) for each in header.cameras]


def _require_alike(logs: Sequence[Log], layouts: Sequence[Sequence[Column]]) -> None:
    """Raise DatasetError if a log differs from the first one in arm, cameras or columns."""
    wanted = [each.feature for each in layouts[0]] + _cameras(logs[0].header)
    for log, layout in zip(logs, layouts, strict=True):
        received = [each.feature for each in layout] + _cameras(log.header)
        if received != wanted:
            names = sorted({each.name for each in {*wanted} ^ {*received}})
            raise DatasetError(
                f"logs {logs[0].path} and {log.path} do not fit together: they differ in {', '.join(names)}; "
                "export logs of different arms or cameras to separate datasets"
            )


def _add(
    writer: DatasetWriter,
    log: Log,
    contents: LogContents,
    layout: Sequence[Column],
    fps: int,
    within_s: float,
    account: Account,
) -> None:
    """Add one log; a tick without all pictures is no frame."""
    recording = OwnLogSource((log.path,), fps, {each.name: each.name for each in log.header.cameras}).recording(log)
    streams = {f"pictures {name}": each.stamps_s for name, each in recording.pictures.items()}
    ticks_s = np.array([tick.stamp.clock_s for tick in contents.ticks])
    try:
        done = resample({"ticks": ticks_s, **streams}, fps, within_s)
    except DatasetError as error:
        account.lost.append(f"{log.path} is left out: {error}")
        return
    for piece in done.pieces:
        writer.add(_episode(recording, contents, piece, layout))
    account.add(recording, done)


def _episode(recording: Recording, contents: LogContents, piece: Piece, layout: Sequence[Column]) -> Episode:
    ticks = [contents.ticks[k] for k in piece.samples["ticks"]]
    pictures = {
        PICTURE_PREFIX + name: np.stack(list(each.read(piece.samples[f"pictures {name}"].tolist())))
        for name, each in recording.pictures.items()
    }
    return Episode(
        {each.feature.name: each.values(ticks) for each in layout}, pictures, segments(contents.parts, piece)
    )


def _session_of(log: Log, contents: LogContents) -> dict[str, Any]:
    """Return what a log holds besides ticks: header, instructions, notes, results; counts of the rest."""
    counts: Mapping[str, int] = {
        "looks": sum(1 for _ in log.looks()),
        "states_between_ticks": sum(1 for _ in log.states()),
        "bus_messages": sum(1 for _ in log.bus()),
    }
    return {
        "path": str(log.path),
        "closed": log.closed,
        "damage": list(log.damage),
        "header": plainly(to_values(log.header)),
        "instructions": [
            {"text": each.text, "words": each.words, "clock_s": each.stamp.clock_s} for each in contents.instructions
        ],
        "notes": [{"level": each.level, "words": each.words, "clock_s": each.stamp.clock_s} for each in log.notes()],
        "results": [
            {"goal": each.goal, "done": each.done, "already_done": each.already_done, "judged_by": each.judged_by}
            for each in log.results()
        ],
        "not_in_the_dataset": counts,
    }
