"""Recordings of other programs and logs as training data, logs as LeRobotDatasets. See docs/datasets.md."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.exchange.exporting import export_logs as export_logs
    from robot_wm.exchange.importing import Account as Account
    from robot_wm.exchange.importing import import_recordings as import_recordings
    from robot_wm.exchange.labels import Labels as Labels
    from robot_wm.exchange.mapping import DatasetMapping as DatasetMapping
    from robot_wm.exchange.mapping import GripperSource as GripperSource
    from robot_wm.exchange.mapping import JointSource as JointSource
    from robot_wm.exchange.mapping import PictureSource as PictureSource
    from robot_wm.exchange.recording import Numbers as Numbers
    from robot_wm.exchange.recording import Part as Part
    from robot_wm.exchange.recording import Pictures as Pictures
    from robot_wm.exchange.recording import Recording as Recording
    from robot_wm.exchange.sources import kind_of as kind_of
    from robot_wm.exchange.sources import log_source as log_source
    from robot_wm.exchange.sources import mapped_source as mapped_source

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "exporting": ("export_logs",),
        "importing": (
            "Account",
            "import_recordings",
        ),
        "labels": ("Labels",),
        "mapping": (
            "DatasetMapping",
            "GripperSource",
            "JointSource",
            "PictureSource",
        ),
        "recording": (
            "Numbers",
            "Part",
            "Pictures",
            "Recording",
        ),
        "sources": (
            "kind_of",
            "log_source",
            "mapped_source",
        ),
    },
)
