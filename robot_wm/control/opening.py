"""From the word after `--arm` to a bench."""

from robot_wm import registry
from robot_wm.control.bench import Bench

FILE_ENDINGS = (".yaml", ".yml")


def open_bench(arm: str, scene: str = "tabletop") -> Bench:
    """The bench of an arm by name, or of the simulated arm that a YAML file describes. Raises UnknownNameError."""
    if arm.endswith(FILE_ENDINGS):
        return registry.find(registry.ARMS, "mujoco")(scene, arm_file=arm)
    return registry.find(registry.ARMS, arm)(scene)
