"""Labels of a frame: where every thing that has a name is, and where the cameras are. They teach and measure; they are
never an input."""

from robot_wm.data.features import Feature
from robot_wm.goals import NAMES

COLUMNS = ("present", "x", "y", "z", "yaw", "half_width")  # 1 or 0; centre, m; yaw of the sides, rad; m
TABLE = Feature(
    "observation.environment_state",
    "float32",
    (len(NAMES) * len(COLUMNS),),
    tuple(f"{name} {column}" for name in NAMES for column in COLUMNS),
)

CAMERAS = ("overview", "wrist")
POSE = ("x", "y", "z", *(f"r{row}{column}" for row in range(3) for column in range(3)))
CAMERA_POSES = Feature(  # position, m, and rotation matrix (columns: the camera's right, up and back) in the base frame
    "observation.camera_poses",
    "float32",
    (len(CAMERAS) * len(POSE),),
    tuple(f"{camera}_{part}" for camera in CAMERAS for part in POSE),
)
