"""Families of world models: a checkpoint's header names its family, and an entry point opens it.

Another package adds a family by declaring

    [project.entry-points."robot_wm.world_models"]
    my_family = "my_package.checkpoint:load"

where `load(path, kinematics, force, cameras)` returns a `WorldModel`. Knows no family itself, and imports only the
requested one.
"""

from collections.abc import Mapping
from pathlib import Path

from robot_wm import registry
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.arm_identity import Size
from robot_wm.world_model.checkpoint_header import read_header
from robot_wm.world_model.protocol import WorldModel

SHIPPED = Path(__file__).parents[1] / "checkpoints" / "wam.safetensors"


def open_model(
    path: Path | None = None,
    kinematics: Kinematics | None = None,
    force: bool = False,
    cameras: Mapping[str, Size] | None = None,
) -> WorldModel:
    """Open a checkpoint of any family for use.

    Args:
        path: The checkpoint; None takes the shipped one.
        kinematics: Kinematics of the arm it will see; not needed to imagine and decode only.
        force: Accept joint ranges wider than in training; other differences are always refused.
        cameras: Sizes (height, width) in pixels of the arm's cameras by name; None if they are not known.

    Raises:
        CheckpointError: The file is missing, damaged, of another program, or trained for another arm.
        UnknownNameError: No installed package provides its family.
    """
    path = path or SHIPPED
    return registry.find(registry.WORLD_MODELS, read_header(path).family)(path, kinematics, force, cameras)
