"""Sessions: one agent carries out instructions on one robot setup and emits typed events."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.session.events import Event as Event
    from robot_wm.session.events import FaultEvent as FaultEvent
    from robot_wm.session.events import GoalEvent as GoalEvent
    from robot_wm.session.events import ObservationEvent as ObservationEvent
    from robot_wm.session.events import ParkingEvent as ParkingEvent
    from robot_wm.session.events import ReportEvent as ReportEvent
    from robot_wm.session.events import ResultEvent as ResultEvent
    from robot_wm.session.events import Subscriber as Subscriber
    from robot_wm.session.events import TickEvent as TickEvent
    from robot_wm.session.events import UnderstandingEvent as UnderstandingEvent
    from robot_wm.session.recording import LogRequest as LogRequest
    from robot_wm.session.recording import LogSubject as LogSubject
    from robot_wm.session.recording import SessionLog as SessionLog
    from robot_wm.session.report import Report as Report
    from robot_wm.session.run import Job as Job
    from robot_wm.session.run import run_job as run_job
    from robot_wm.session.session import Rules as Rules
    from robot_wm.session.session import Session as Session
    from robot_wm.session.session import judge_of as judge_of
    from robot_wm.session.setup import objects_in as objects_in
    from robot_wm.session.setup import set_up as set_up
    from robot_wm.session.video import SessionVideo as SessionVideo

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "events": (
            "Event",
            "FaultEvent",
            "GoalEvent",
            "ObservationEvent",
            "ParkingEvent",
            "ReportEvent",
            "ResultEvent",
            "Subscriber",
            "TickEvent",
            "UnderstandingEvent",
        ),
        "recording": (
            "LogRequest",
            "LogSubject",
            "SessionLog",
        ),
        "report": ("Report",),
        "run": (
            "Job",
            "run_job",
        ),
        "session": (
            "Rules",
            "Session",
            "judge_of",
        ),
        "setup": (
            "objects_in",
            "set_up",
        ),
        "video": ("SessionVideo",),
    },
)
