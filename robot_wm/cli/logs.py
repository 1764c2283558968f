"""Inspect, repair and edit logs."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from robot_wm.errors import RobotWMError, UnknownNameError

DAMAGED = 3  # exit status of `verify` and `recover` if the file is damaged
_File = Annotated[Path, tyro.conf.Positional]


@dataclass(frozen=True)
class InfoArguments:
    """Print the contents of a log: channels, rates, instructions, goals, latencies, faults."""

    file: _File
    json: bool = False  # print one JSON object


@dataclass(frozen=True)
class VerifyArguments:
    """Check every checksum, sequence number, timestamp and observation. Exit status 0: intact; 3: damaged."""

    file: _File
    json: bool = False  # print one JSON object


@dataclass(frozen=True)
class RecoverArguments:
    """Copy the intact part of a truncated or damaged log to a new file. Exit status 3 if anything was lost."""

    file: _File
    out: Path | None = None  # default: FILE.recovered.mcap
    json: bool = False  # print one JSON object


@dataclass(frozen=True)
class CutArguments:
    """Copy a time range of a log, including the header, goal and pictures in force at its start."""

    file: _File
    out: _File
    start: float = 0.0  # s after the first message
    stop: float = 1e9  # s


@dataclass(frozen=True)
class MergeArguments:
    """Merge pieces of one session, or recordings of other devices at the same time, by timestamp."""

    out: _File
    files: Annotated[tuple[Path, ...], tyro.conf.Positional]


@dataclass(frozen=True)
class PlotArguments:
    """Plot joints, commands, limits, latency and plan cost over time in one .html page."""

    file: _File
    out: _File


@dataclass(frozen=True)
class VideoArguments:
    """Write a video of a log: cameras, instruction, goal, predicted steps to it."""

    file: _File
    out: _File


def info(arguments: InfoArguments) -> int:
    """Print the contents of a log."""
    from rich.console import Console

    from robot_wm.cli.logs_table import info_table
    from robot_wm.log.read import load_log
    from robot_wm.log.report import describe
    from robot_wm.log.scan import scan

    found = describe(load_log(arguments.file), scan(arguments.file))
    if arguments.json:
        print(json.dumps(found.to_json()))
    else:
        Console().print(info_table(found))
    return 0


def verify(arguments: VerifyArguments) -> int:
    """Print all problems of a log."""
    from robot_wm.log.report import verify as problems_of

    wrong = problems_of(arguments.file)
    if arguments.json:
        print(json.dumps({"file": str(arguments.file), "whole": not wrong, "wrong": wrong}))
    else:
        print("\n".join(wrong) if wrong else f"{arguments.file} is intact")
    return DAMAGED if wrong else 0


def recover(arguments: RecoverArguments) -> int:
    """Recover a log and print the outcome."""
    from robot_wm.log.recover import recover as recovered

    found = recovered(arguments.file, arguments.out)
    if arguments.json:
        print(json.dumps(found.to_json()))
    else:
        print(*found.damage, sep="\n", file=sys.stderr)
        print(f"{found.path}: {found.messages} messages, {found.seconds:.2f} s; {found.lost_bytes} bytes lost")
    return DAMAGED if found.damage else 0


def cut(arguments: CutArguments) -> int:
    """Write a part of a log."""
    from robot_wm.log.edit import cut as cut_out

    count = cut_out(arguments.file, arguments.out, arguments.start, arguments.stop)
    print(f"{arguments.out}: {count} messages")
    return 0


def merge(arguments: MergeArguments) -> int:
    """Write the merged log."""
    from robot_wm.log.edit import merge as merged

    count = merged(arguments.files, arguments.out)
    print(f"{arguments.out}: {count} messages from {len(arguments.files)} files")
    return 0


def plot(arguments: PlotArguments) -> int:
    """Write the plots."""
    from robot_wm.cli.logs_plot import draw
    from robot_wm.log.read import load_log

    draw(load_log(arguments.file), arguments.out)
    print(arguments.out)
    return 0


def video(arguments: VideoArguments) -> int:
    """Write the video."""
    from robot_wm.cli.logs_video import write_video
    from robot_wm.log.read import load_log

    pages = write_video(load_log(arguments.file), arguments.out)
    print(f"{arguments.out}: {pages} pages")
    return 0


_COMMANDS = {
    "info": (InfoArguments, info),
    "verify": (VerifyArguments, verify),
    "recover": (RecoverArguments, recover),
    "cut": (CutArguments, cut),
    "merge": (MergeArguments, merge),
    "plot": (PlotArguments, plot),
    "video": (VideoArguments, video),
}


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm logs`."""
    if not argv or argv[0] in ("-h", "--help"):
        lines = [f"  {word:<8} {(kind.__doc__ or '').strip()}" for word, (kind, _) in _COMMANDS.items()]
        print("\n".join(["usage: robot-wm logs COMMAND FILE [OPTIONS]", "", *lines]))
        return 0 if argv else RobotWMError.exit_status
    if argv[0] not in _COMMANDS:
        raise UnknownNameError("command of robot-wm logs", argv[0], _COMMANDS)
    kind, do = _COMMANDS[argv[0]]
    return do(tyro.cli(kind, args=argv[1:], prog=f"robot-wm logs {argv[0]}"))  # type: ignore[operator]
