"""Find arms, cameras, suites, world models and more by name, through entry points of installed packages.

A package adds an arm by declaring

    [project.entry-points."robot_wm.arms"]
    my_arm = "my_package.station:make"

and `robot-wm do --arm my_arm` finds it. Lists no entry itself and imports only the requested one.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from robot_wm.errors import MissingDependencyError, UnknownNameError

ARMS = "robot_wm.arms"
CAMERAS = "robot_wm.cameras"
SUITES = "robot_wm.suites"
PHYSICS = "robot_wm.physics"  # of the emulated servo bus
WORLD_MODELS = "robot_wm.world_models"  # (path, kinematics, force, cameras) -> WorldModel, named in checkpoint headers
LEARNERS = "robot_wm.learners"  # one per trainable family


def names(group: str) -> tuple[str, ...]:
    """Return the names in an entry-point group, sorted."""
    return tuple(sorted(_offered(group)))


def find(group: str, name: str) -> Any:
    """Import and return the object behind a name in an entry-point group.

    Args:
        group: one of this module's constants, e.g. ARMS.
        name: name of the entry point.

    Raises:
        UnknownNameError: no installed package provides the name.
        MissingDependencyError: the object needs a module that is not installed.
    """
    offered = _offered(group)
    if name not in offered:
        remedy = "" if offered else "No installed package provides any; run: pip install -e ."
        raise UnknownNameError(group.rpartition(".")[2].removesuffix("s"), name, offered, remedy)
    try:
        return offered[name].load()
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{name!r} needs the Python module {error.name!r}, which is not installed; run: pip install -e ."
        ) from error


def _offered(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}
