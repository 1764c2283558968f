"""Logs: record a session beside its loop, read it back bit by bit. docs/logs.md describes the file."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.log.edit import cut as cut
    from robot_wm.log.edit import merge as merge
    from robot_wm.log.entries import Entry as Entry
    from robot_wm.log.entries import LogBytes as LogBytes
    from robot_wm.log.entries import LogCommand as LogCommand
    from robot_wm.log.entries import LogDecision as LogDecision
    from robot_wm.log.entries import LogFrame as LogFrame
    from robot_wm.log.entries import LogGoal as LogGoal
    from robot_wm.log.entries import LogHeader as LogHeader
    from robot_wm.log.entries import LogInstruction as LogInstruction
    from robot_wm.log.entries import LogLook as LogLook
    from robot_wm.log.entries import LogNote as LogNote
    from robot_wm.log.entries import LogResult as LogResult
    from robot_wm.log.entries import LogState as LogState
    from robot_wm.log.entries import LogTick as LogTick
    from robot_wm.log.entries import SceneRecord as SceneRecord
    from robot_wm.log.entries import Stamp as Stamp
    from robot_wm.log.paths import partial_of as partial_of
    from robot_wm.log.paths import require_free as require_free
    from robot_wm.log.provenance import config_sha256 as config_sha256
    from robot_wm.log.provenance import file_sha256 as file_sha256
    from robot_wm.log.provenance import versions as versions
    from robot_wm.log.read import Log as Log
    from robot_wm.log.read import load_log as load_log
    from robot_wm.log.record import Recorded as Recorded
    from robot_wm.log.record import Recorder as Recorder

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "entries": (
            "Entry",
            "LogBytes",
            "LogCommand",
            "LogDecision",
            "LogFrame",
            "LogGoal",
            "LogHeader",
            "LogInstruction",
            "LogLook",
            "LogNote",
            "LogResult",
            "LogState",
            "LogTick",
            "SceneRecord",
            "Stamp",
        ),
        "read": (
            "Log",
            "load_log",
        ),
        "record": (
            "Recorded",
            "Recorder",
        ),
        "paths": (
            "partial_of",
            "require_free",
        ),
        "edit": (
            "cut",
            "merge",
        ),
        "provenance": (
            "config_sha256",
            "file_sha256",
            "versions",
        ),
    },
)
