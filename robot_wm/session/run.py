"""One instruction from start to end on a robot setup, with its video and its log: what `robot-wm do` does."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from robot_wm.agents.make import open_agent
from robot_wm.control.agent import Agent
from robot_wm.errors import DeviceError
from robot_wm.goals import Task
from robot_wm.log.entries import SceneRecord
from robot_wm.records import Instruction
from robot_wm.session.events import Subscriber
from robot_wm.session.recording import LogRequest, LogSubject, SessionLog
from robot_wm.session.report import FAULT, Report
from robot_wm.session.session import Rules, Session
from robot_wm.session.setup import objects_in, require_objects, set_up
from robot_wm.session.video import SessionVideo
from robot_wm.station.make import make, scene_of
from robot_wm.station.station import Station


@dataclass(frozen=True)
class Job:
    """What is to be done, and what is to be kept of it."""

    instruction: Instruction
    arm: str = "mujoco"  # the word after --arm
    seed: int = 0  # of the simulated table
    names: tuple[str, ...] | None = None  # the objects on it; None: by the seed
    video: Path | None = None
    log: LogRequest | None = None
    command: str = "do"  # for the log
    rules: Rules = Rules()


def run_job(
    job: Job,
    station: Station,
    agent: Agent,
    subscribers: Sequence[Subscriber] = (),
    notify: Callable[[str], None] | None = None,
) -> Report:
    """Do a job on a station that is not entered yet.

    However it ends, the arm is parked and the video and the log are whole. `notify` hears of trouble with the log.

    Raises:
        ConfigError: what is asked for does not go together.
        InstructionError: the instruction is no text that can be read.
    """
    try:
        with ExitStack() as stack:
            heard = list(subscribers)
            if job.video is not None:
                heard.insert(0, stack.enter_context(SessionVideo(job.video, job.instruction.text, station)))
            stack.enter_context(station)
            set_up(station, job.seed, job.names)
            require_objects(station, job.instruction.goals or ())
            agent.reset(job.seed)
            if job.log is not None:
                log = SessionLog(job.log, _subject(job, station), station, agent.describe(), notify)
                heard.insert(0, stack.enter_context(log))
            return Session(station, agent, heard, job.rules).run(job.instruction)
    except DeviceError as error:  # of the setup, or of a log that is required
        return faulty(job, error)


def faulty(job: Job, error: DeviceError) -> Report:
    """Report that an arm or a camera failed before anything was understood."""
    return Report(job.instruction.text, FAULT, "", fault=str(error))


def run(
    instruction: str,
    arm: str = "mujoco",
    *,
    goals: Sequence[Task] | None = None,
    policy: str = "planner",
    seed: int = 0,
    scene: str | None = None,
    port: str | None = None,
    checkpoint: str | Path | None = None,
    video: str | Path | None = None,
    log: str | Path | None = None,
    subscribers: Sequence[Subscriber] = (),
) -> Report:
    """Carry out an instruction on an arm, simulated or real, and report how it went.

    Args:
        instruction: in plain English, e.g. "push the red cube left".
        arm: a name or a YAML file, and `port` where a real arm is, as `robot_wm.make` takes them.
        goals: pursued instead of interpreting the instruction.
        policy: who decides, and `checkpoint` its weights, as `robot_wm.open_agent` takes them.
        seed: of the simulated table; `scene` names the objects on it, e.g. "red cube, green pad".
        video: an .mp4 to write; `log`: an .mcap.
        subscribers: called with each `robot_wm.session.events.Event`.

    Raises:
        RobotWMError: the arm, the scene, the weights or a file cannot be used; the message says what to do.
    """
    asked = Instruction(instruction, None if goals is None else tuple(goals))
    request = None if log is None else LogRequest(Path(log))
    job = Job(
        asked, arm, seed, None if scene is None else objects_in(scene), None if video is None else Path(video), request
    )
    try:
        station = make(arm, port=port)
        agent = open_agent(policy, station, None if checkpoint is None else Path(checkpoint), seed, goals is None)
    except DeviceError as error:
        return faulty(job, error)
    return run_job(job, station, agent, subscribers)


def _subject(job: Job, station: Station) -> LogSubject:
    scene = None
    if station.simulation is not None:
        scene = SceneRecord(scene_of(job.arm), job.seed, station.simulation.names)
    return LogSubject(job.command, job.arm, scene, job.rules.dt_s)
