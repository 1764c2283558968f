"""Families of world models by name: a checkpoint's header names its family, an entry point opens it.

A family is added without touching this repository:

    [project.entry-points."robot_wm.world_models"]
    my_family = "my_package.checkpoint:load"

where `load(path, kinematics)` returns a `WorldModel`. Knows no family itself, and imports only the one asked for.
"""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from robot_wm import registry
from robot_wm.errors import CheckpointError
from robot_wm.kinematics import Kinematics
from robot_wm.world_model.protocol import WorldModel

SHIPPED = Path(__file__).parents[1] / "checkpoints" / "wam.safetensors"
_FIRST_FORMAT = "robot_wm.wam/1"  # checkpoints older than the key "family"


def open_model(path: Path | None = None, kinematics: Kinematics | None = None) -> WorldModel:
    """Open a checkpoint of any family, ready to be used.

    Args:
        path: The checkpoint; None takes the shipped one.
        kinematics: Of the arm it will see. A model that only imagines and decodes may do without.

    Raises:
        CheckpointError: The file is missing, damaged, foreign, or of another arm.
        UnknownNameError: No installed package offers its family.
    """
    path = path or SHIPPED
    return registry.find(registry.WORLD_MODELS, family_of(path))(path, kinematics)


def family_of(path: Path) -> str:
    """Return the name of the family that a checkpoint belongs to. Raises CheckpointError."""
    found = read_metadata(path)
    if "family" in found:
        return found["family"]
    if found.get("format") == _FIRST_FORMAT:
        return "wam"
    raise CheckpointError(
        f"{path} holds {found.get('format', 'a foreign format')!r} and names no family of world models; "
        f"expected a header with the key 'family', or {_FIRST_FORMAT!r}"
    )


def read_metadata(path: Path) -> dict[str, str]:
    """Return the header of a safetensors file. Raises CheckpointError where it is missing or truncated."""
    if not path.is_file():
        raise CheckpointError(f"no checkpoint at {path}; train one with `robot-wm train configs/train/wam.yaml`")
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file ({error}); copy it again or retrain") from error
