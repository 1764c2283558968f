"""Say what you want in plain English, and the arm does it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from robot_wm.cli.ending import park_when_ended

if TYPE_CHECKING:
    from robot_wm.session.session import Speaker
    from robot_wm.station.station import Station
    from robot_wm.types import ArmSpec

OpenAgent = Callable[["Path | None", "ArmSpec"], "Speaker"]


@dataclass(frozen=True)
class DoArguments:
    """Understand an instruction, plan in imagination, move the arm, and say what was done and how sure it is."""

    instruction: Annotated[str, tyro.conf.Positional]  # e.g. "push the red cube left"
    arm: str = "mujoco"  # a name (mujoco, pybullet, emulated, so101, fake), or a YAML file that describes one
    port: str | None = None  # of a real arm: /dev/serial/by-id/..., socket://host:port; robot-wm arm find lists them
    seed: int = 0  # lays the table, in simulation
    scene: str | None = None  # what is on it, e.g. "red cube, green pad"; without: a random handful by --seed
    video: Path | None = None  # write an .mp4: cameras, what the model imagines, the goal and its distance
    log: Path | None = None  # write an .mcap: all that was seen, planned, asked and sent; docs/logs.md
    log_must: bool = False  # park the arm where the log can no longer be written, instead of going on without
    log_bus: bool = False  # with the raw bytes of the servo bus
    json: bool = False  # print one JSON object last; progress then goes to stderr
    checkpoint: Path | None = None  # instead of the shipped one
    policy: Literal["planner", "oracle", "hold"] = "planner"  # oracle and hold: scripts for simulated arms, no model


def main(arguments: DoArguments, open_agent: OpenAgent) -> int:
    """Do it. The exit status says how it went: 0 done, 3 not achieved, 4 refused, 5 device fault."""
    from rich.console import Console

    from robot_wm.errors import DeviceError
    from robot_wm.language.text import validated
    from robot_wm.session.recording import LogRequest, policy_record
    from robot_wm.session.session import Job, Report, things_in
    from robot_wm.station.make import make

    park_when_ended()
    instruction = validated(arguments.instruction)
    console = Console(file=sys.stderr if arguments.json else sys.stdout)
    things = None if arguments.scene is None else things_in(arguments.scene)
    log, policy = None, None
    if arguments.log is not None:
        log = LogRequest(arguments.log, arguments.log_must, arguments.log_bus)
        policy = policy_record(arguments.policy, arguments.checkpoint, given=False, seed=arguments.seed)
    job = Job(instruction, arguments.arm, arguments.seed, things, arguments.video, log, policy)
    report: Report
    try:
        with console.status("opening the arm and the model"):
            station = make(arguments.arm, port=arguments.port)
            if arguments.policy == "planner":
                agent = open_agent(arguments.checkpoint, station.arm.spec)
            else:
                agent = _scripted_speaker(arguments.policy, station, arguments.seed)
    except DeviceError as error:
        report = job.faulty(error)
    else:
        report = job.run(station, agent, console)
    console.print(report.words(), style="green" if report.exit_status == 0 else "yellow", highlight=False)
    if arguments.json:
        print(json.dumps(report.to_json()))
    return report.exit_status


def _shipped_agent(checkpoint: Path | None, spec: "ArmSpec") -> "Speaker":
    from robot_wm.evaluate.learned import open_agent

    return open_agent("planner", checkpoint, spec)


def _scripted_speaker(policy: str, station: "Station", seed: int) -> "Speaker":
    from robot_wm.agents.scripted import ScriptedSpeaker
    from robot_wm.language.grounding import Grounding

    return ScriptedSpeaker(policy, station, seed, Grounding.load())


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm do`."""
    return main(tyro.cli(DoArguments, args=argv, prog="robot-wm do"), _shipped_agent)
