"""Record a session that a person drives by keyboard, or that a script or the scripted expert carries out."""

import json
import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from robot_wm.cli.ending import park_when_ended
from robot_wm.errors import ConfigError, DeviceError, RefusedError

if TYPE_CHECKING:
    from robot_wm.control.agent import Agent
    from robot_wm.goals import Task
    from robot_wm.session.session import Rules
    from robot_wm.station.station import Station

TICK_S = 0.1
KEYBOARD, ORACLE = "keyboard", "oracle"
AGENTS = (ORACLE, "random", "hold")


@dataclass(frozen=True)
class RecordArguments:
    """Record a session into one log. It ends by key x, by the script's end, or after a time."""

    log: Annotated[Path, tyro.conf.Positional]  # the .mcap file to write
    by: str = KEYBOARD  # keyboard; oracle, random or hold; or a file of JSON lines, [dx, dy, dz, dyaw, gripper] each
    arm: str = "mujoco"  # a name, or a YAML file that describes a simulated arm
    say: str = ""  # what is being done, e.g. "push the red cube left"; becomes the log's instruction
    goal: str | None = None  # the same as JSON; the oracle needs it: '{"skill":"lift","object":"red cube"}'
    seed: int = 0  # random seed of the simulated table
    scene: str | None = None  # objects on it
    seconds: float = 60.0  # at most
    log_bus: bool = False  # with the raw bytes of the servo bus


def main(arguments: RecordArguments) -> int:
    """Record. Exit status: 0 where the session ended as it should, 4 where the goal is refused, 5 after a fault."""
    from robot_wm.records import Instruction
    from robot_wm.session.recording import LogRequest
    from robot_wm.session.report import FAULT, REFUSED
    from robot_wm.session.run import Job, run_job
    from robot_wm.session.setup import objects_in
    from robot_wm.station.make import make

    if not 0.0 < arguments.seconds < 86_400.0:
        raise ConfigError(f"--seconds must be above 0 and below a day, received {arguments.seconds}")
    request = LogRequest(arguments.log, required=True, bus=arguments.log_bus)
    names = None if arguments.scene is None else objects_in(arguments.scene)
    goals = () if arguments.goal is None else (_goal(arguments.goal),)
    with park_when_ended(), _keys(arguments.by == KEYBOARD) as pressed:
        station = make(arguments.arm)
        agent, rules = _agent(arguments, station, pressed)
        instruction = Instruction(arguments.say, goals)
        job = Job(instruction, arguments.arm, arguments.seed, names, None, request, "record", rules)
        report = run_job(job, station, agent)
    if report.outcome == REFUSED:
        raise RefusedError(report.understood)
    if report.outcome == FAULT:
        raise DeviceError(report.fault)
    print(f"{arguments.log}: {report.steps} ticks")
    return 0


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm record`."""
    return main(tyro.cli(RecordArguments, args=argv, prog="robot-wm record"))


def _goal(text: str) -> "Task":
    from robot_wm.goals import goals_from_json

    try:
        goals = goals_from_json(json.loads(text))
    except ValueError as error:
        raise ConfigError(f'--goal must be JSON like {{"skill": "home"}}, received {text!r}') from error
    if len(goals) != 1:
        raise ConfigError(f"--goal takes one goal, received {len(goals)}; record one log for each")
    return goals[0]


def _agent(arguments: RecordArguments, station: "Station", pressed: Callable[[], str]) -> "tuple[Agent, Rules]":
    """Who decides, and when the session is over."""
    from robot_wm.agents.make import open_agent
    from robot_wm.agents.teleop import Keyboard, Script, UntilOver, read_script
    from robot_wm.control.judging import NOBODY, Unreachable
    from robot_wm.session.session import Rules, judge_of

    ticks = round(arguments.seconds / TICK_S)
    if arguments.by in AGENTS:
        if arguments.by == ORACLE and (arguments.goal is None or station.simulation is None):
            raise ConfigError('--by oracle needs a simulated arm and a --goal, such as \'{"skill": "home"}\'')
        agent = open_agent(arguments.by, station, seed=arguments.seed, language=False)
        judged = arguments.by == ORACLE
        return agent, Rules(
            lambda number, task: judge_of(station, task) if judged else Unreachable(NOBODY),
            lambda number, task: ticks,
            dt_s=TICK_S,
        )
    person = Keyboard(pressed) if arguments.by == KEYBOARD else Script(read_script(Path(arguments.by)))
    return person, Rules(lambda number, task: UntilOver(person), lambda number, task: ticks, dt_s=TICK_S)


@contextmanager
def _keys(wanted: bool) -> Iterator[Callable[[], str]]:
    """Keys pressed since the last call, from the terminal, which is put back as it was."""
    if not wanted:
        yield lambda: ""
        return
    from robot_wm.agents.teleop import HELP

    if not sys.stdin.isatty():
        raise ConfigError("--by keyboard needs a terminal; take --by oracle, random, hold or a script")
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    print(HELP, file=sys.stderr)
    tty.setcbreak(descriptor)
    try:
        yield lambda: _pending(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _pending(descriptor: int) -> str:
    data = b""
    while select.select([descriptor], [], [], 0.0)[0] and (more := os.read(descriptor, 64)):
        data += more
    return data.decode("utf-8", "ignore")
