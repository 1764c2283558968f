"""Families of world models by name: a checkpoint's header names its family, an entry point opens it.

A family is added without touching this repository:

    [project.entry-points."robot_wm.world_models"]
    my_family = "my_package.checkpoint:load"

where `load(path, kinematics, force)` returns a `WorldModel`. Knows no family itself, and imports only the one asked
for.
"""

from pathlib import Path

from robot_wm import registry
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.checkpoint_header import read_header
from robot_wm.world_model.protocol import WorldModel

SHIPPED = Path(__file__).parents[1] / "checkpoints" / "wam.safetensors"


def open_model(path: Path | None = None, kinematics: Kinematics | None = None, force: bool = False) -> WorldModel:
    """Open a checkpoint of any family, ready to be used.

    Args:
        path: The checkpoint; None takes the shipped one.
        kinematics: Of the arm it will see. A model that only imagines and decodes may do without.
        force: Use it although the arm's joint ranges are not those of training. Nothing else can be forced.

    Raises:
        CheckpointError: The file is missing, damaged, foreign, or of another arm.
        UnknownNameError: No installed package offers its family.
    """
    path = path or SHIPPED
    return registry.find(registry.WORLD_MODELS, read_header(path).family)(path, kinematics, force)
