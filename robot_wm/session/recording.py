"""A session's log: opens a recorder with a whole header, and passes the session's events on to it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from robot_wm.control.judging import NOBODY
from robot_wm.log.entries import LogHeader, SceneRecord, Stamp
from robot_wm.log.numbers import dumps
from robot_wm.log.provenance import file_sha256, versions
from robot_wm.log.record import Recorder, require_free
from robot_wm.records import AgentRecord, Refusal
from robot_wm.session.events import (
    Event,
    FaultEvent,
    GoalEvent,
    ObservationEvent,
    ParkingEvent,
    ReportEvent,
    ResultEvent,
    TickEvent,
    UnderstandingEvent,
)
from robot_wm.station.station import Station


@dataclass(frozen=True)
class LogRequest:
    """Which log is wanted. Raises ConfigError where it could not be written."""

    path: Path
    required: bool = False  # park the arm where the log can no longer be written, instead of going on without
    bus: bool = False  # with the raw bytes of the servo bus

    def __post_init__(self) -> None:
        require_free(self.path)


@dataclass(frozen=True)
class LogSubject:
    """What a log is about, beside the setup and the agent."""

    command: str  # "do", "eval", "record"
    arm: str  # the word after --arm
    scene: SceneRecord | None = None  # the simulated table; its state is filled in
    dt_s: float = 0.1
    extra: Mapping[str, Any] = field(default_factory=dict)


@final
class SessionLog:
    """A subscriber that records a session on an entered station whose table is set up. A context manager.

    Args:
        request: where to, and how.
        subject: what the log is about.
        station: the setup that the session runs on.
        agent: who decides, as it describes itself.
        notify: called with a sentence where the log falls behind or fails; stderr by default.

    Raises:
        ConfigError: the bus is wanted and there is none; raised before anything moves.
    """

    def __init__(
        self,
        request: LogRequest,
        subject: LogSubject,
        station: Station,
        agent: AgentRecord,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self._command = subject.command
        self._recorder = _open_recorder(request, subject, station, agent, notify)

    def __enter__(self) -> Self:
        self._recorder.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recorder.__exit__(kind, error, trace)

    def __call__(self, event: Event) -> None:
        """Record an event."""
        recorder = self._recorder
        match event:
            case ObservationEvent():
                recorder.look(event.purpose, event.observation)
            case UnderstandingEvent():
                self._instruction(event)
            case GoalEvent():
                recorder.goal({} if event.task is None else event.task.to_json(), event.goal)
            case TickEvent():
                recorder.tick(event.tick)
            case ResultEvent():
                recorder.result(event.result.done, event.result.already_done, event.result.judged_by)
            case ParkingEvent():
                recorder.parking(event.target, event.sent)
            case FaultEvent():
                recorder.note(event.words, self._command, "error")
            case ReportEvent() if event.report.judged_by != NOBODY:
                recorder.note(event.report.words(), self._command)

    def _instruction(self, event: UnderstandingEvent) -> None:
        reply, said = event.reply, event.instruction.text
        if isinstance(reply, Refusal):
            self._recorder.instruction(said, (), reply.words, 0.0, refused=True)
        else:
            goals = tuple(task.to_json() for task in reply.tasks)
            self._recorder.instruction(said, goals, reply.words, reply.confidence)


def _open_recorder(
    request: LogRequest,
    subject: LogSubject,
    station: Station,
    agent: AgentRecord,
    notify: Callable[[str], None] | None,
) -> Recorder:
    header = _header(subject, station, agent)
    model = Path(header.arm_spec.mjcf)
    attachments = {"model.xml": model.read_bytes()} if model.is_file() else {}
    if header.calibration is not None:
        attachments["calibration.json"] = dumps(header.calibration)
    state = None if header.scene is None or header.scene.state is None else _state_of(station)
    listener = _BusListener()
    if request.bus:
        station.tap_bus(listener)
    recorder = Recorder(request.path, header, station.clock.now_s, attachments, state, notify, request.required)
    listener.recorder = recorder
    return recorder


@final
class _BusListener:
    """Passes bytes of the bus on to a recorder, once there is one."""

    recorder: Recorder | None = None

    def __call__(self, direction: str, data: bytes) -> None:
        if self.recorder is not None:
            self.recorder.bus(direction, data)


def _state_of(station: Station) -> Callable[[], Any] | None:
    return None if station.simulation is None else station.simulation.state


def _header(subject: LogSubject, station: Station, agent: AgentRecord) -> LogHeader:
    spec, scene = station.arm.spec, subject.scene
    if scene is not None and station.simulation is not None:
        scene = replace(scene, state=station.simulation.state())
    return LogHeader(
        command=subject.command,
        arm=subject.arm,
        arm_spec=spec,
        cameras=tuple(camera.spec for camera in station.cameras.values()),
        began=Stamp(station.clock.now_s(), time.monotonic(), time.time_ns()),
        policy=agent,
        scene=scene,
        calibration=station.calibration,
        versions=versions(),
        model_sha256=file_sha256(Path(spec.mjcf)),
        dt_s=subject.dt_s,
        extra=subject.extra,
    )
