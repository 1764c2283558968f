"""The configuration of a scene. Ranges are (low, high); every episode draws from them."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from robot_wm.config import find_config, from_values, read_yaml
from robot_wm.errors import ConfigError
from sim.arm_config import ArmConfig, arm_values, load_arm_config, with_paths_from

Range = tuple[float, float]
DEFAULT_ARM = "mujoco"  # in configs/arms, for a scene that names no arm: the SO-101
MOVABLES_MAX, PADS_MAX, BINS_MAX = 5, 3, 3  # bodies in the compiled model


@dataclass(frozen=True)
class SceneConfig:
    """A table, an arm and how both vary from episode to episode. SI units; angles in radians unless a name says deg.

    Raises:
        ConfigError: A range is reversed, or a table cannot hold so many things.
    """

    name: str = "tabletop"
    things_min: int = 2
    things_max: int = 5
    half_width_m: Range = (0.010, 0.020)  # cubes and cylinders
    cylinder_aspect: Range = (0.8, 1.2)  # height over width
    pad_half_width_m: Range = (0.037, 0.043)
    bin_half_width_m: Range = (0.040, 0.044)  # between the walls
    bin_height_m: float = 0.03
    axis_x_m: float | None = None  # centre of the ring where things are placed, on the base's x axis; None: the arm's
    reach_m: Range | None = None  # distance of movable things from there; None: from the arm's reach
    target_reach_m: Range | None = None  # the same of pads and bins
    bearing_deg: float | None = None  # movable things lie within this of straight ahead; None: from the arm's reach
    target_bearing_deg: float | None = None
    clearance_m: float = 0.030  # between outlines; less on a crowded table, but at least clearance_min_m
    clearance_min_m: float = 0.015
    mass_kg: Range = (0.015, 0.045)
    friction: Range = (0.5, 0.9)  # of movable things on the table
    hue_jitter: float = 0.012  # of a turn of the colour wheel
    shade_jitter: float = 0.1  # of saturation and value
    light: Range = (0.5, 0.75)  # strength of the lamp
    light_tilt_deg: float = 30.0
    table_value: Range = (0.45, 0.75)  # brightness of the table top
    overview_eye_m: tuple[float, float, float] = (0.50, 0.0, 0.52)  # position of the overview camera, without jitter
    overview_at_m: tuple[float, float, float] = (0.135, 0.0, 0.0)  # and what it looks at
    overview_fovy_deg: float = 39.0
    camera_jitter_m: float = 0.006
    camera_jitter_deg: float = 0.8
    gain_factor: Range = (0.85, 1.15)  # of the servos' position gain
    latency_s: Range = (0.0, 0.04)  # added to the servos' own
    bump_speed_m_s: Range = (0.25, 0.45)  # of a bumped thing
    arm: ArmConfig = field(default_factory=lambda: load_arm_config(DEFAULT_ARM))

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, tuple) and len(value) == 2 and value[0] > value[1]:
                raise ConfigError(f"{each.name} must be (low, high) with low <= high, received {value}; swap them")
        most = MOVABLES_MAX + PADS_MAX + BINS_MAX
        if not 1 <= self.things_min <= self.things_max <= most:
            raise ConfigError(
                f"things_min and things_max must rise within 1 and {most}, "
                f"received {self.things_min} and {self.things_max}"
            )


def load_scene_config(scene: str, arm_file: str | None = None) -> SceneConfig:
    """Load a scene by its name in configs/scenes or by the path of a YAML file.

    Args:
        scene: The name or path; an arm's own scene has precedence.
        arm_file: An arm's name in configs/arms or the path of its YAML, in place of the scene's own arm.

    Returns:
        The configuration, with the arm's file names made absolute.

    Raises:
        UnknownNameError: There is no scene or arm of this name.
        ConfigError: There is no such file, or its values are not valid.
    """
    if arm_file is None:
        path = find_config("scenes", scene)
        config = _load(path)
        return replace(config, arm=with_paths_from(config.arm, path.parent))
    arm = load_arm_config(arm_file)
    return replace(_load(find_config("scenes", arm.scene or scene)), arm=arm)


def _load(path: Path) -> SceneConfig:
    values = read_yaml(path)
    if isinstance(values.get("arm"), dict):
        values = {**values, "arm": arm_values(values["arm"])}
    return from_values(SceneConfig, values, str(path))
