"""Record a session that a person drives by keyboard, or that a script or a scripted expert carries out."""

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
from robot_wm.errors import ConfigError

if TYPE_CHECKING:
    from robot_wm.control.judging import Judge
    from robot_wm.control.policy import Policy
    from robot_wm.goals import Task
    from robot_wm.session.recording import LogRequest
    from robot_wm.station.station import Station

TICK_S = 0.1
KEYBOARD = "keyboard"


@dataclass(frozen=True)
class RecordArguments:
    """Record a session into one log. It ends by key x, by the script's end, or after a time."""

    log: Annotated[Path, tyro.conf.Positional]  # the .mcap file to write
    by: str = KEYBOARD  # keyboard; oracle, random or hold; or a file of JSON lines, [dx, dy, dz, dyaw, gripper] each
    arm: str = "mujoco"  # a name, or a YAML file that describes a simulated arm
    say: str = ""  # what is being done, e.g. "push the red cube left"; becomes the log's instruction
    goal: str | None = None  # the same as JSON; the oracle needs it: '{"skill":"lift","object":"red cube"}'
    seed: int = 0  # lays the table, in simulation
    scene: str | None = None  # what is on it
    seconds: float = 60.0  # at most
    log_bus: bool = False  # with the raw bytes of the servo bus


def main(arguments: RecordArguments) -> int:
    """Record. The exit status is 0 where the session ended as it should, 5 after a device fault."""
    from robot_wm.session.recording import LogRequest
    from robot_wm.session.session import lay, things_in
    from robot_wm.station.make import make

    if not 0.0 < arguments.seconds < 86_400.0:
        raise ConfigError(f"--seconds must be above 0 and below a day, received {arguments.seconds}")
    park_when_ended()
    request = LogRequest(arguments.log, must=True, bus=arguments.log_bus)
    things = None if arguments.scene is None else things_in(arguments.scene)
    with make(arguments.arm) as station, _keys(arguments.by == KEYBOARD) as pressed:
        lay(station, arguments.seed, things)
        ticks = _record(arguments, request, station, pressed)
    print(f"{arguments.log}: {ticks} ticks")
    return 0


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm record`."""
    return main(tyro.cli(RecordArguments, args=argv, prog="robot-wm record"))


def _record(arguments: RecordArguments, request: "LogRequest", station: "Station", pressed: Callable[[], str]) -> int:
    from robot_wm.action_space import CartesianActions
    from robot_wm.control.loop import observe, run_goal
    from robot_wm.control.parking import Supervisor
    from robot_wm.kinematics import Kinematics
    from robot_wm.log.entries import SceneRecord
    from robot_wm.records import AgentRecord
    from robot_wm.session.recording import Session, open_recorder
    from robot_wm.station.make import scene_of
    from robot_wm.station.station import SimulatedStation

    task = _task(arguments)
    policy, judge = _driver(arguments, station, task, pressed)
    kind = arguments.by if not arguments.by.endswith(".jsonl") else "script"
    scene = None
    if isinstance(station, SimulatedStation):
        scene = SceneRecord(scene_of(arguments.arm), arguments.seed, station.names)
    session = Session("record", arguments.arm, AgentRecord(kind, given=True, seed=arguments.seed), scene, TICK_S)
    ticks = round(arguments.seconds / TICK_S)
    actions = CartesianActions(Kinematics(station.arm.spec))
    with (
        open_recorder(request, session, station) as journal,
        Supervisor(station.arm, station.clock, told=journal.parking) as arm,
    ):
        goals = () if task is None else (task.to_json(),)
        journal.instruction(arguments.say, goals, arguments.say, 1.0)
        journal.look("goal", observe(arm, station.cameras))
        journal.goal({} if task is None else task.to_json(), None)
        result = run_goal(
            arm, station.cameras, station.clock, policy, actions, None, judge, ticks, journal.tick, TICK_S
        )
        journal.result(result.done, result.already_done, result.judged_by)
    return result.ticks


def _task(arguments: RecordArguments) -> "Task | None":
    import json

    from robot_wm.goals import Task

    if arguments.goal is None:
        return None
    try:
        return Task.from_json(json.loads(arguments.goal))
    except ValueError as error:
        raise ConfigError(f'--goal must be JSON like {{"skill": "home"}}, received {arguments.goal!r}') from error


def _driver(
    arguments: RecordArguments, station: "Station", task: "Task | None", pressed: Callable[[], str]
) -> "tuple[Policy, Judge]":
    """Who decides, and who says that it is over."""
    from robot_wm.agents.baselines import HoldPolicy, RandomPolicy
    from robot_wm.agents.teleop import Keyboard, Script, UntilOver, read_script
    from robot_wm.session.session import judge_of
    from robot_wm.station.station import SimulatedStation

    if arguments.by == KEYBOARD:
        keyboard = Keyboard(pressed)
        return keyboard, UntilOver(keyboard)
    if arguments.by == "oracle":
        if task is None or not isinstance(station, SimulatedStation):
            raise ConfigError('--by oracle needs a simulated arm and a --goal, such as \'{"skill": "home"}\'')
        return station.oracle(task, arguments.seed), judge_of(station, task)
    if arguments.by in ("hold", "random"):
        floor = HoldPolicy() if arguments.by == "hold" else RandomPolicy(arguments.seed)
        return floor, _Never()
    script = Script(read_script(Path(arguments.by)))
    return script, UntilOver(script)


class _Never:
    """For a session that ends by the clock."""

    judged_by, done, already_done = "nobody", False, False

    def update(self, decision: object) -> None:
        """It goes on."""


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
