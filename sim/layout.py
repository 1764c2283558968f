"""Random table layouts: names, sizes and poses of things, drawn so that a gripper fits between them.

Pure geometry: knows no physics and no rendering.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import COLOURS, KINDS, MOVABLE_KINDS, NAMES, kind_of
from sim.reach import Area
from sim.scene_config import BINS_MAX, MOVABLES_MAX, PADS_MAX, SceneConfig

BIN_WALL_M = 0.004
_KIND_WEIGHTS = (0.36, 0.24, 0.2, 0.2)  # in the order of KINDS
_FIRST_WEIGHTS = (0.6, 0.4, 0.0, 0.0)
_TARGETS_MAX = 2  # more than two pads and bins leave no room for pushes
_TRIES = 40  # poses tried for a thing before the table starts over
_TABLES = 60  # tables tried before the clearance is reduced
_PAD_CLEARANCE_M = 0.010
_CORNER = 1.2  # a square's outline counts as a circle of this times its half width


@dataclass(frozen=True)
class Placement:
    """The name, size and pose of a thing to be placed. Position of its centre on the table, base frame."""

    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    half_width_m: float  # inner, for bins
    half_height_m: float

    @property
    def kind(self) -> str:
        return kind_of(self.name)

    @property
    def outline_m(self) -> float:
        """The radius of the thing's outline, seen from above."""
        if self.kind == "cylinder":
            return self.half_width_m
        return _CORNER * (self.half_width_m + (BIN_WALL_M if self.kind == "bin" else 0.0))


def draw_names(rng: np.random.Generator, config: SceneConfig) -> tuple[str, ...]:
    """Draw distinct names, at least one of a movable thing and at most two of pads or bins."""
    count = int(rng.integers(config.things_min, config.things_max + 1))
    names: list[str] = []
    while len(names) < count:
        weights = _KIND_WEIGHTS if names else _FIRST_WEIGHTS
        name = f"{COLOURS[rng.integers(len(COLOURS))]} {KINDS[rng.choice(len(KINDS), p=weights)]}"
        full = _movables(names) == MOVABLES_MAX if _is_movable(name) else len(names) - _movables(names) == _TARGETS_MAX
        if name not in names and not full:
            names.append(name)
    return tuple(names)


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, checked.

    Raises:
        UnknownNameError: A name is no thing's.
        ConfigError: Names repeat, or a scene cannot hold so many.
    """
    for name in names:
        if name not in NAMES:
            raise UnknownNameError("thing", name, NAMES)
    if len(set(names)) != len(names):
        raise ConfigError(f"names must be unique, received {list(names)}; leave the repeated ones out")
    counts = {"cubes and cylinders": _movables(names)}
    counts |= {f"{kind}s": sum(kind_of(name) == kind for name in names) for kind in ("pad", "bin")}
    for words, most in (("cubes and cylinders", MOVABLES_MAX), ("pads", PADS_MAX), ("bins", BINS_MAX)):
        if counts[words] > most:
            raise ConfigError(f"a table holds at most {most} {words}, received {counts[words]}; leave some out")
    return tuple(names)


def draw_placements(
    rng: np.random.Generator, config: SceneConfig, names: Sequence[str], area: Area
) -> tuple[Placement, ...]:
    """Draw sizes and poses for `names`, in their order.

    Args:
        rng: The random generator.
        config: The scene; `area` supplies the distances that it leaves open.
        names: The things to place.
        area: Where the arm works.

    Raises:
        ConfigError: The things do not fit on the table together.
    """
    rings = _Rings.of(config, area)
    sizes = {name: _draw_size(rng, config, name) for name in names}
    order = sorted(names, key=lambda name: -sizes[name][0])  # the widest first: they are the hardest to fit
    for clearance_m in np.linspace(config.clearance_m, config.clearance_min_m, 4):
        for _ in range(_TABLES):
            placed = _one_table(rng, rings, order, sizes, float(clearance_m))
            if placed is not None:
                return tuple(placed[name] for name in names)
    raise ConfigError(f"these {len(names)} things do not fit on the table together: {', '.join(names)}; ask for fewer")


def _movables(names: Sequence[str]) -> int:
    return sum(_is_movable(name) for name in names)


def _is_movable(name: str) -> bool:
    return kind_of(name) in MOVABLE_KINDS


def _draw_size(rng: np.random.Generator, config: SceneConfig, name: str) -> tuple[float, float]:
    """Draw half width and half height, m."""
    kind = kind_of(name)
    if kind == "pad":
        return float(rng.uniform(*config.pad_half_width_m)), 0.0005
    if kind == "bin":
        return float(rng.uniform(*config.bin_half_width_m)), config.bin_height_m / 2
    half = float(rng.uniform(*config.half_width_m))
    return half, half * (float(rng.uniform(*config.cylinder_aspect)) if kind == "cylinder" else 1.0)


def _one_table(
    rng: np.random.Generator,
    rings: "_Rings",
    order: Sequence[str],
    sizes: dict[str, tuple[float, float]],
    clearance_m: float,
) -> dict[str, Placement] | None:
    placed: dict[str, Placement] = {}
    for name in order:
        for _ in range(_TRIES):
            candidate = _draw_pose(rng, rings, name, sizes[name])
            if all(_apart_m(candidate, other) >= _needed_m(candidate, other, clearance_m) for other in placed.values()):
                placed[name] = candidate
                break
        else:
            return None
    return placed


@dataclass(frozen=True)
class _Rings:
    """Where things are put: sectors of rings about a vertical axis."""

    axis_x_m: float
    things: tuple[float, float, float]  # inner and outer radius, m; bearing to either side, degrees
    targets: tuple[float, float, float]

    @classmethod
    def of(cls, config: SceneConfig, area: Area) -> "_Rings":
        """Return the scene's rings, completed from the arm's reach."""
        bearing, target_bearing = config.bearing_deg, config.target_bearing_deg
        return cls(
            area.axis_x_m if config.axis_x_m is None else config.axis_x_m,
            (*(config.reach_m or area.things_radius_m), area.things_bearing_deg if bearing is None else bearing),
            (
                *(config.target_reach_m or area.targets_radius_m),
                area.targets_bearing_deg if target_bearing is None else target_bearing,
            ),
        )


def _draw_pose(rng: np.random.Generator, rings: _Rings, name: str, size: tuple[float, float]) -> Placement:
    """Draw a pose, uniform over the area of the ring's sector."""
    near, far, bearing_deg = rings.things if _is_movable(name) else rings.targets
    bearing = math.radians(bearing_deg)
    along, across, turned = rng.random(3).tolist()
    angle, radius = -bearing + 2.0 * bearing * along, math.sqrt(near**2 + (far**2 - near**2) * across)
    yaw = -math.pi / 4 + math.pi / 2 * turned
    x, y = rings.axis_x_m + radius * math.cos(angle), radius * math.sin(angle)
    return Placement(name, x, y, yaw, *size)


def _needed_m(one: Placement, other: Placement, clearance_m: float) -> float:
    """Return the gap that two things need between their outlines: less at pads, which are no obstacles."""
    return min(clearance_m, _PAD_CLEARANCE_M) if "pad" in (one.kind, other.kind) else clearance_m


def _apart_m(one: Placement, other: Placement) -> float:
    """Return the gap between two outlines; negative where they overlap."""
    return math.hypot(one.x_m - other.x_m, one.y_m - other.y_m) - one.outline_m - other.outline_m
