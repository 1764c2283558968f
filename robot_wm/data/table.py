"""The label table of a frame: where every thing that has a name is. Teaches heads and measures; never an input."""

from robot_wm.data.features import Feature
from robot_wm.tasks import NAMES

COLUMNS = ("present", "x", "y", "z", "yaw", "half_width")  # 1 or 0; centre, m; yaw of the sides, rad; m
TABLE = Feature(
    "observation.environment_state",
    "float32",
    (len(NAMES) * len(COLUMNS),),
    tuple(f"{name} {column}" for name in NAMES for column in COLUMNS),
)
