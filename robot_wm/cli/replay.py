"""Replay a log with a verdict: the same decisions, the same simulation, or the same motion on an arm."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from robot_wm.cli.ending import park_when_ended
from robot_wm.errors import ConfigError

if TYPE_CHECKING:
    from robot_wm.log.read import Log
    from robot_wm.replay.keys import Controls
    from robot_wm.replay.report import Outcome
    from robot_wm.session.events import Subscriber
    from robot_wm.station.station import Station


@dataclass(frozen=True)
class ReplayArguments:
    """Check that a log can be made to happen again, or show what else could have.

    Exit status: 0 the verdict holds, 3 it does not, 2 bad usage or a file that cannot be used, 4 the other instruction
    would be refused, 5 device fault. --what-if and --imagine compare and give no verdict: 0.
    """

    file: Annotated[Path, tyro.conf.Positional]  # the log, an .mcap; one that was cut short will do
    mode: Literal["decisions", "closed-loop", "arm"] = "decisions"
    what_if: bool = False  # the logged observations through another --checkpoint, --plan or --instruction
    imagine: bool = False  # what the model expected against what the sensors then said
    checkpoint: Path | None = None  # other weights than the log's
    plan: str | None = None  # other planner settings, by name or a YAML file
    instruction: str | None = None  # with --what-if: said instead
    arm: str | None = None  # with --mode arm: the arm that moves; without: the log's
    speed: float = 1.0  # with --mode arm: of the log's own pace
    bound_rad: float = 0.2  # with --mode arm: a joint further than this from where it was then stops the replay
    approach: bool = False  # with --mode arm: go slowly to where the log begins, however far that is
    json: bool = False  # print one JSON object last; words then go to stderr
    report: Path | None = None  # write an HTML page with plots


def main(arguments: ReplayArguments) -> int:
    """Replay, tell, and exit with the verdict."""
    from robot_wm.files import require_writable, write_whole
    from robot_wm.log.read import load_log

    _require_sense(arguments)
    if arguments.report is not None:
        require_writable(arguments.report)
    outcome = _replay(arguments, load_log(arguments.file))
    if arguments.report is not None:
        write_whole(arguments.report, outcome.page().encode())
    print(outcome.words, file=sys.stderr if arguments.json else sys.stdout)
    if arguments.json:
        print(json.dumps(outcome.values))
    return outcome.exit_status


def _require_sense(arguments: ReplayArguments) -> None:
    """Raise ConfigError where options do not go together."""
    if arguments.what_if and arguments.imagine:
        raise ConfigError("--what-if and --imagine are two questions; ask one at a time")
    if (arguments.what_if or arguments.imagine) and arguments.mode != "decisions":
        raise ConfigError(f"--what-if and --imagine move nothing; leave --mode {arguments.mode} out")
    if arguments.what_if and not (arguments.checkpoint or arguments.plan or arguments.instruction):
        raise ConfigError("--what-if needs something to be other: --checkpoint, --plan or --instruction")
    if arguments.instruction is not None and not arguments.what_if:
        raise ConfigError("--instruction is what would have been said instead; add --what-if")
    if arguments.arm is not None and arguments.mode != "arm":
        raise ConfigError("--arm names the arm that moves; add --mode arm")
    if arguments.mode == "arm" and (arguments.checkpoint or arguments.plan):
        raise ConfigError("--mode arm repeats what was sent, without a model; leave --checkpoint and --plan out")
    if arguments.mode != "arm" and (arguments.speed, arguments.bound_rad, arguments.approach) != (1.0, 0.2, False):
        raise ConfigError("--speed, --bound-rad and --approach are about an arm that moves; add --mode arm")
    if arguments.report is not None and arguments.report.suffix != ".html":
        raise ConfigError(f"--report is a page, name it .html; received {arguments.report}")


def _replay(arguments: ReplayArguments, log: "Log") -> "Outcome":
    if arguments.mode == "arm":
        return _on_arm(arguments, log)
    from robot_wm.replay import comparisons as shown
    from robot_wm.replay import runs
    from robot_wm.replay.rebuild import Changes

    changes = Changes(arguments.checkpoint, arguments.plan)
    if arguments.imagine:
        return shown.show_imagined(log, changes)
    if arguments.what_if:
        return shown.show_what_if(log, changes, arguments.instruction)
    if arguments.mode == "decisions":
        return runs.replay_decisions(log, changes)
    station = _simulated_station(log)
    return runs.replay_closed_loop(log, changes, station, _bumper(log, station))


def _simulated_station(log: "Log") -> "Station":
    from robot_wm.station.make import make

    scene = log.header.scene
    if scene is None:
        raise ConfigError(f"the log is of arm {log.header.arm!r} in a real world; replay it with --mode arm")
    station = make(log.header.arm, scene.suite)
    if station.simulation is None:
        raise ConfigError(f"arm {log.header.arm!r} is not simulated; replay the log with --mode arm")
    return station


def _bumper(log: "Log", station: "Station") -> "list[Subscriber]":
    """Whatever bumped objects when the log was made."""
    from robot_wm.evaluate.bumps import Bumper
    from robot_wm.evaluate.suite import Bumps
    from robot_wm.goals import Task

    scene = log.header.scene
    if scene is None or scene.bumps is None or station.simulation is None:
        return []
    first = Task.from_json(log.header.extra["goals"][0])
    return [Bumper(station.simulation, Bumps(**scene.bumps), first, scene.seed)]


def _on_arm(arguments: ReplayArguments, log: "Log") -> "Outcome":
    from robot_wm.replay.arm import Manner
    from robot_wm.replay.arm_run import replay_on_arm
    from robot_wm.station.make import make

    manner = Manner(arguments.speed, arguments.bound_rad, approach=arguments.approach)
    scene = log.header.scene
    station = make(arguments.arm or log.header.arm, *(() if scene is None else (scene.suite,)))
    with park_when_ended(), _keyboard() as controls:
        return replay_on_arm(log, station, manner, controls)


@contextmanager
def _keyboard() -> "Iterator[Controls]":
    """Keys to pause and stop with, where there is a keyboard."""
    from robot_wm.replay.keys import HELP, Keys, NoControls, has_keys

    if not has_keys():
        yield NoControls()
        return
    print(HELP, file=sys.stderr)
    with Keys(sys.stdin.fileno()) as keys:
        yield keys


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm replay`."""
    return main(tyro.cli(ReplayArguments, args=argv, prog="robot-wm replay"))
