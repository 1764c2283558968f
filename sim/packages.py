"""Find the files that a URDF names as `package://NAME/REST`, without ROS."""

from pathlib import Path

import mujoco

from robot_wm.errors import ConfigError

_SCHEME = "package://"


def resolve_packages(spec: mujoco.MjSpec, model: Path) -> None:
    """Replace the `package://` names of a model's meshes by paths.

    A package is a folder on the way up from the model's file, or beside one on it: `package://NAME/REST` is the first
    `FOLDER/NAME/REST` that exists. MuJoCo knows no packages.

    Args:
        spec: the model as read; its meshes are changed.
        model: its file.

    Raises:
        ConfigError: a file is in none of these folders.
    """
    for mesh in spec.meshes:
        if mesh.file.startswith(_SCHEME):
            mesh.file = str(_found(mesh.file, model))


def _found(name: str, model: Path) -> Path:
    rest = name.removeprefix(_SCHEME)
    for folder in model.resolve().parents:
        if (folder / rest).is_file():
            return folder / rest
    raise ConfigError(
        f"the arm model {model} names the mesh {name}, and there is no {rest} in {model.resolve().parent} or a folder "
        "above it; put the package's folder there, or write the mesh's path into the model"
    )
