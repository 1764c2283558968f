"""From the word after `--arm` to a station."""

from inspect import signature

from robot_wm import registry
from robot_wm.config import find_config, read_yaml
from robot_wm.errors import ConfigError
from robot_wm.station.station import Station

FILE_ENDINGS = (".yaml", ".yml")
SCENE = "tabletop"


def make(arm: str, scene: str = SCENE, port: str | None = None) -> Station:
    """The station of an arm by name, or of the one that a YAML file describes; `port` is where a real arm is.

    A file's key `station` names who opens it; without that key it describes a simulated arm. Raises UnknownNameError,
    ConfigError; DeviceError where a real arm is not there.
    """
    is_file = arm.endswith(FILE_ENDINGS)
    name = str(read_yaml(find_config("arms", arm)).get("station", "mujoco")) if is_file else arm
    opener = registry.find(registry.ARMS, name)
    options = {"arm_file": arm} if is_file else {}
    if port is not None:
        if "port" not in signature(opener).parameters:
            raise ConfigError(f"arm {name!r} is on no port; leave --port out, or take one that is: --arm so101")
        options["port"] = port
    return opener(scene, **options)


def scene_of(arm: str, scene: str = SCENE) -> str:
    """The scene that `make` lays: `scene`, or the one that an arm's file names for an arm of another size."""
    own = read_yaml(find_config("arms", arm)).get("scene") if arm.endswith(FILE_ENDINGS) else None
    return str(own or scene)
