"""From the name or file given to `--arm` to a robot setup."""

from inspect import signature
from typing import Any

from robot_wm import registry
from robot_wm.config import find_config, read_yaml
from robot_wm.errors import ConfigError
from robot_wm.station.station import Station

FILE_ENDINGS = (".yaml", ".yml")
DEFAULT_SCENE = "tabletop"


def make(arm: str, scene: str = DEFAULT_SCENE, port: str | None = None) -> Station:
    """Make the robot setup of an arm.

    Args:
        arm: a name ("mujoco", "pybullet", "emulated", "so101", "fake", or what other packages register), or a YAML
            file that describes one. Its key `station` names what opens it; without that key it is a simulated arm.
        scene: the table of a simulated arm, by name or as a YAML file.
        port: where a real arm is, e.g. "/dev/ttyUSB0" or "socket://host:port".

    Returns:
        The setup, not entered yet.

    Raises:
        UnknownNameError: there is no such arm, file key or scene.
        ConfigError: the arm's description cannot be used, or `port` is given for an arm that is on no port.
        DeviceError: a real arm is not there.
    """
    name, options = _opener_of(arm)
    opener = registry.find(registry.ARMS, name)
    if port is not None:
        if "port" not in signature(opener).parameters:
            raise ConfigError(f"arm {name!r} is on no port; leave --port out, or take one that is: --arm so101")
        options["port"] = port
    return opener(scene, **options)


def require_arm(arm: str) -> None:
    """Raise as `make` does where `arm` is no name or file of an arm, without opening it."""
    registry.find(registry.ARMS, _opener_of(arm)[0])


def _opener_of(arm: str) -> tuple[str, dict[str, str]]:
    """Return the name of the entry point that opens an arm, and what it is called with."""
    if not arm.endswith(FILE_ENDINGS):
        return arm, {}
    return str(arm_values(arm).get("station", "mujoco")), {"arm_file": arm}


def arm_values(arm_file: str) -> dict[str, Any]:
    """Read an arm's YAML file. Its key `station` was called `bench` once; files that still say so are read alike."""
    values = read_yaml(find_config("arms", arm_file))
    return {"station" if key == "bench" else key: value for key, value in values.items()}


def scene_of(arm: str, scene: str = DEFAULT_SCENE) -> str:
    """Return the scene that `make` uses: `scene`, or the one that an arm's file names for an arm of another size."""
    own = arm_values(arm).get("scene") if arm.endswith(FILE_ENDINGS) else None
    return str(own or scene)
