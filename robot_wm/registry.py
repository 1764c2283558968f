"""Arms, cameras and suites by name, from the entry points of whatever packages are installed.

So an arm can be added without touching this repository: a package declares, say,

    [project.entry-points."robot_wm.arms"]
    my_arm = "my_package.station:make"

This module knows none of them, and imports only the one asked for.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from robot_wm.errors import MissingDependencyError, UnknownNameError

ARMS = "robot_wm.arms"
CAMERAS = "robot_wm.cameras"
SUITES = "robot_wm.suites"
WORLD_MODELS = "robot_wm.world_models"  # families: name -> function (path, kinematics) -> WorldModel
PHYSICS = "robot_wm.physics"  # behind the emulated servo bus


def names(group: str) -> tuple[str, ...]:
    """Names that installed packages offer in an entry-point group, sorted."""
    return tuple(sorted(_offered(group)))


def find(group: str, name: str) -> Any:
    """What stands behind a name in an entry-point group.

    Raises UnknownNameError where nobody offers it, MissingDependencyError where what it needs is not installed.
    """
    offered = _offered(group)
    if name not in offered:
        remedy = "" if offered else "Nothing is installed there; run: pip install -e ."
        raise UnknownNameError(group.rpartition(".")[2].removesuffix("s"), name, offered, remedy)
    try:
        return offered[name].load()
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{name!r} needs the Python module {error.name!r}, which is not installed; run: pip install -e ."
        ) from error


def _offered(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}
