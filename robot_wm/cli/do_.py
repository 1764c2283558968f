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
    """Carry out an instruction: ground it in what the cameras see, plan, move the arm, and report the result.

    Exit status: 0 done, 3 not achieved, 4 refused, 5 device fault.
    """

    instruction: Annotated[str, tyro.conf.Positional]  # e.g. "push the red cube left"
    arm: str = "mujoco"  # mujoco, pybullet, emulated, so101, fake, or a YAML file that describes an arm
    port: str | None = None  # of a real arm: /dev/serial/by-id/... or socket://host:port; see robot-wm arm find
    seed: int = 0  # random seed of the simulated scene
    scene: str | None = None  # objects in the simulated scene, e.g. "red cube, green pad"; if omitted, random
    video: Path | None = None  # write an .mp4: cameras, imagined picture, goal and predicted steps left
    log: Path | None = None  # write an .mcap log of observations, plans and commands; see docs/logs.md
    log_must: bool = False  # park the arm if the log cannot be written, instead of continuing without it
    log_bus: bool = False  # also log the raw bytes on the servo bus
    json: bool = False  # end with one JSON object on stdout; progress goes to stderr
    checkpoint: Path | None = None  # model weights; if omitted, the shipped checkpoint
    force: bool = False  # accept joint ranges of the arm that are wider than in training
    # planner: search in the world model; oracle: scripted expert, simulation only; hold: do not move, simulation only
    policy: Literal["planner", "oracle", "hold"] = "planner"


def main(arguments: DoArguments) -> int:
    """Carry out the instruction and return the exit status: 0 done, 3 not achieved, 4 refused, 5 device fault."""
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
    """Return the JSON object: the report, the setup, and the files that were written."""
    files = {"video": arguments.video, "log": arguments.log}
    written = {key: str(path) if path is not None and path.is_file() else None for key, path in files.items()}
    return {**report.to_json(), "arm": arguments.arm, "seed": arguments.seed, **written}


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm do`."""
    return main(tyro.cli(DoArguments, args=argv, prog="robot-wm do"))
