"""From a station and who plays on it to a recorder with a whole header, for whatever moves an arm."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from robot_wm.config import find_config, load_config, to_values
from robot_wm.errors import ConfigError
from robot_wm.evaluate.contestants import LEARNED
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.suite import Suite
from robot_wm.files import require_writable
from robot_wm.log.entries import LogHeader, SceneRecord, Stamp
from robot_wm.log.numbers import dumps
from robot_wm.log.provenance import config_sha256, file_sha256, versions
from robot_wm.log.record import Recorder, require_free
from robot_wm.records import AgentRecord
from robot_wm.session.journal import Journal, Silent
from robot_wm.station.make import scene_of
from robot_wm.station.station import Calibrated, Overheard, Restorable, SimulatedStation, Station


@dataclass(frozen=True)
class LogRequest:
    """What a person asks of a log."""

    path: Path
    must: bool = False  # park the arm where the log cannot be written any more
    bus: bool = False  # with the raw bytes of the servo bus

    def __post_init__(self) -> None:
        require_free(self.path)


@dataclass(frozen=True)
class Session:
    """What is about to be recorded, beside the station that it happens on."""

    command: str  # "do", "eval", "record"
    arm: str  # the word after --arm
    policy: AgentRecord
    scene: SceneRecord | None = None  # its state is filled in
    dt_s: float = 0.1
    extra: Mapping[str, Any] = field(default_factory=dict)


class Logs(Protocol):
    """Where the episodes of a measurement are recorded."""

    def open(self, station: SimulatedStation, suite: Suite, episode: Episode) -> Journal:
        """What the episode on this laid table reports to."""
        ...


@dataclass(frozen=True)
class EpisodeLogs:
    """Opens a log for each episode of a measurement, in one folder. Picklable: workers open their own."""

    folder: Path
    arm: str
    policy: str
    checkpoint: Path | None
    given: bool

    def open(self, station: SimulatedStation, suite: Suite, episode: Episode) -> Journal:
        """The recorder of an episode whose table is laid."""
        bumps = None if suite.bumps is None else asdict(suite.bumps)
        scene = SceneRecord(scene_of(self.arm, suite.scene), episode.seed, episode.names, episode.away, bumps=bumps)
        policy = policy_record(self.policy, self.checkpoint, self.given, episode.seed)
        extra = {
            "suite": suite.name,
            "episode": episode.index,
            "instruction": episode.said.instruction,
            "goals": [goal.to_json() for goal in episode.line.goals],
        }
        request = LogRequest(self.folder / f"episode-{episode.index:06d}.mcap")
        return open_recorder(request, Session("eval", self.arm, policy, scene, extra=extra), station)


def made_folder(path: Path) -> Path:
    """`path` as a folder that logs can be written into, and that has none yet. Raises ConfigError."""
    if not path.is_dir():
        require_writable(path)
        path.mkdir(exist_ok=True)
    require_writable(path / "episode.mcap")
    old = sorted(path.glob("episode-*.mcap"))
    if old:
        raise ConfigError(f"{path} holds logs of another measurement already ({old[0].name}); name another folder")
    return path


class NoLogs:
    """Records no episode."""

    def open(self, station: SimulatedStation, suite: Suite, episode: Episode) -> Journal:
        """A recorder that records nothing."""
        return Silent()


def open_recorder(
    request: LogRequest, session: Session, station: Station, tell: Callable[[str], None] | None = None
) -> Recorder:
    """A recorder for an entered station whose table is laid. Raises ConfigError before anything moves."""
    if request.bus and not isinstance(station, Overheard):
        raise ConfigError(f"arm {session.arm!r} has no servo bus to listen to; leave --log-bus out")
    header = _header(session, station)
    model = Path(header.arm_spec.mjcf)
    attachments = {"model.xml": model.read_bytes()} if model.is_file() else {}
    if header.calibration is not None:
        attachments["calibration.json"] = dumps(header.calibration)
    simulator = station.state if isinstance(station, Restorable) else None
    recorder = Recorder(request.path, header, station.clock.now_s, attachments, simulator, tell, request.must)
    if request.bus and isinstance(station, Overheard):
        station.overhear(recorder.bus)
    return recorder


def learned_policy(kind: str, checkpoint: Path | None, given: bool = False) -> AgentRecord:
    """The record of the planner, or of the action head alone, as `robot_wm.evaluate.learned.open_agent` makes them."""
    from robot_wm.language.weights import FILE_NAME
    from robot_wm.planning.mppi import PlannerConfig
    from robot_wm.world_model.checkpoint import SHIPPED

    path = checkpoint or SHIPPED
    values = to_values(load_config(PlannerConfig, find_config("plan", "default")))
    return AgentRecord(
        kind=kind,
        checkpoint=str(path.resolve()),
        checkpoint_sha256=file_sha256(path),
        language_sha256=file_sha256(SHIPPED.with_name(FILE_NAME)),
        config=values,
        config_sha256=config_sha256(values),
        given=given,
    )


def policy_record(kind: str, checkpoint: Path | None, given: bool, seed: int) -> AgentRecord:
    """The record of any policy that is measured; floors and the ceiling are always told their goals."""
    if kind in LEARNED:
        return learned_policy(kind, checkpoint, given)
    return AgentRecord(kind=kind, seed=seed, given=True)


def _header(session: Session, station: Station) -> LogHeader:
    spec, scene = station.arm.spec, session.scene
    if scene is not None and isinstance(station, Restorable):
        scene = replace(scene, state=station.state())
    return LogHeader(
        command=session.command,
        arm=session.arm,
        arm_spec=spec,
        cameras=tuple(camera.spec for camera in station.cameras.values()),
        began=Stamp(station.clock.now_s(), time.monotonic(), time.time_ns()),
        policy=session.policy,
        scene=scene,
        calibration=station.calibration if isinstance(station, Calibrated) else None,
        versions=versions(),
        model_sha256=file_sha256(Path(spec.mjcf)),
        dt_s=session.dt_s,
        extra=session.extra,
    )
