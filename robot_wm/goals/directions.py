"""Directions on the table, as the robot sees them: it looks along +x of its base frame."""

from collections.abc import Mapping

DIRECTIONS: Mapping[str, tuple[float, float]] = {  # unit vectors (x, y) in the base frame
    "left": (0.0, 1.0),
    "right": (0.0, -1.0),
    "forward": (1.0, 0.0),
    "backward": (-1.0, 0.0),
}
