"""A small dataset that has everything: what a perfect arm logged, and where a cube is."""

from pathlib import Path

import numpy as np

from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.exchange.importing import import_recordings
from robot_wm.exchange.mapping import DatasetMapping, PictureSource
from robot_wm.exchange.own_logs import Label
from robot_wm.exchange.sources import log_source
from robot_wm.log.entries import LogHeader
from tests.exchange.sessions import session

POSES = np.tile(np.array([0.2, 0.0, 0.5, *np.eye(3).ravel()], np.float32), 2)  # above, looking down
PICTURES = {"overview": PictureSource("overview", 32), "wrist": PictureSource("wrist", 32)}


def labelled_set(path: Path, logs: int = 3) -> None:
    """Episodes of 12 frames, pictures of 32 pixels; the logs lie beside `path`."""
    made = [session(path.with_name(f"{k}.mcap"), ticks=12, kind="oracle").path for k in range(logs)]
    source, form = log_source(made, DatasetMapping(PICTURES), _find_label)
    import_recordings(source, form, path, 0.05, {})


def _find_label(header: LogHeader) -> Label:
    table = np.zeros(TABLE.shape, np.float32).reshape(24, 6)
    table[0] = [1.0, 0.2, 0.0, 0.03, 0.0, 0.02]
    return lambda state: {TABLE.name: table.ravel(), CAMERA_POSES.name: POSES}
