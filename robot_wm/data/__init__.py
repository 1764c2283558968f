"""Training data: LeRobotDataset v3 folders, written, joined, checked and read as arrays. See docs/data.md."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.data.arrays import new_array as new_array
    from robot_wm.data.cache import fingerprint as fingerprint
    from robot_wm.data.cache import open_cache as open_cache
    from robot_wm.data.collecting import DrivableSource as DrivableSource
    from robot_wm.data.collecting import EpisodeSource as EpisodeSource
    from robot_wm.data.collecting import Progress as Progress
    from robot_wm.data.collecting import collect as collect
    from robot_wm.data.dataset_writer import DatasetWriter as DatasetWriter
    from robot_wm.data.dataset_writer import Episode as Episode
    from robot_wm.data.episodes import EpisodeDataset as EpisodeDataset
    from robot_wm.data.episodes import check_fits as check_fits
    from robot_wm.data.episodes import open_dataset as open_dataset
    from robot_wm.data.features import Feature as Feature
    from robot_wm.data.features import picture as picture
    from robot_wm.data.joining import join as join
    from robot_wm.data.segments import Segment as Segment
    from robot_wm.data.segments import SegmentTable as SegmentTable
    from robot_wm.data.windows import WindowConfig as WindowConfig
    from robot_wm.data.windows import Windows as Windows

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "arrays": ("new_array",),
        "cache": (
            "fingerprint",
            "open_cache",
        ),
        "collecting": (
            "DrivableSource",
            "EpisodeSource",
            "Progress",
            "collect",
        ),
        "dataset_writer": (
            "DatasetWriter",
            "Episode",
        ),
        "episodes": (
            "EpisodeDataset",
            "check_fits",
            "open_dataset",
        ),
        "features": (
            "Feature",
            "picture",
        ),
        "joining": ("join",),
        "segments": (
            "Segment",
            "SegmentTable",
        ),
        "windows": (
            "WindowConfig",
            "Windows",
        ),
    },
)
