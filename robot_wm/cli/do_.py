"""Carry out an instruction in plain English."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from robot_wm.cli.ending import park_when_ended

if TYPE_CHECKING:
    from rich.console import Console

    from robot_wm.session.report import Report
    from robot_wm.session.run import Job


@dataclass(frozen=True)
class DoArguments:
    """Understand an instruction, plan in imagination, move the arm, and report what was done and how sure it is."""

    instruction: Annotated[str, tyro.conf.Positional]  # e.g. "push the red cube left"
    arm: str = "mujoco"  # a name (mujoco, pybullet, emulated, so101, fake), or a YAML file that describes one
    port: str | None = None  # of a real arm: /dev/serial/by-id/..., socket://host:port; robot-wm arm find lists them
    seed: int = 0  # random seed of the simulated table
    scene: str | None = None  # objects on it, e.g. "red cube, green pad"; without: a few at random
    video: Path | None = None  # write an .mp4: cameras, what the model imagines, the goal and its distance
    log: Path | None = None  # write an .mcap with everything observed, planned, asked and sent; docs/logs.md
    log_must: bool = False  # park the arm where the log can no longer be written, instead of going on without
    log_bus: bool = False  # with the raw bytes of the servo bus
    json: bool = False  # print one JSON object last; progress then goes to stderr
    checkpoint: Path | None = None  # weights to use instead of the shipped ones
    force: bool = False  # use the weights although the arm's joint ranges are wider than in training
    policy: Literal["planner", "oracle", "hold"] = "planner"  # oracle (scripted expert) and hold: simulation, no model


def main(arguments: DoArguments) -> int:
    """Do it. The exit status says how it went: 0 done, 3 not achieved, 4 refused, 5 device fault."""
    from rich.console import Console

    from robot_wm.language.text import validated
    from robot_wm.records import Instruction
    from robot_wm.session.recording import LogRequest
    from robot_wm.session.run import Job
    from robot_wm.session.setup import objects_in

    instruction = Instruction(validated(arguments.instruction))
    console = Console(file=sys.stderr if arguments.json else sys.stdout)
    names = None if arguments.scene is None else objects_in(arguments.scene)
    log = None if arguments.log is None else LogRequest(arguments.log, arguments.log_must, arguments.log_bus)
    job = Job(instruction, arguments.arm, arguments.seed, names, arguments.video, log)
    with park_when_ended():
        report = _run(arguments, job, console)
    console.print(report.words(), style="green" if report.exit_status == 0 else "yellow", highlight=False)
    if arguments.json:
        print(json.dumps(_figures(arguments, report)))
    return report.exit_status


def _run(arguments: DoArguments, job: "Job", console: "Console") -> "Report":
    from robot_wm.agents.make import open_agent
    from robot_wm.cli.progress import LiveProgress
    from robot_wm.errors import DeviceError
    from robot_wm.session.run import faulty, run_job
    from robot_wm.station.make import make

    try:
        with console.status("opening the arm and the model"):
            station = make(arguments.arm, port=arguments.port)
            agent = open_agent(arguments.policy, station, arguments.checkpoint, arguments.seed, force=arguments.force)
    except DeviceError as error:
        return faulty(job, error)
    with LiveProgress(console) as progress:
        return run_job(job, station, agent, [progress], lambda words: console.print(words, style="yellow"))


def _figures(arguments: DoArguments, report: "Report") -> dict[str, object]:
    """Return the JSON object: how it went, on what, and the files that were written."""
    files = {"video": arguments.video, "log": arguments.log}
    written = {key: str(path) if path is not None and path.is_file() else None for key, path in files.items()}
    return {**report.to_json(), "arm": arguments.arm, "seed": arguments.seed, **written}


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm do`."""
    return main(tyro.cli(DoArguments, args=argv, prog="robot-wm do"))
