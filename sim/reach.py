"""Where on the table an arm can bring its tool pointing down: from inverse kinematics, or given in a file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot_wm.arm_description import ArmDescription
from robot_wm.config import load_config
from robot_wm.errors import ConfigError
from robot_wm.kinematics import Kinematics, ToolPose
from sim.arm_config import model_path
from sim.hand import Hand
from sim.pan_roll import PanRoll

Range = tuple[float, float]
_OFF_M, _LEAN_RAD = 0.004, 0.12  # a pose within these counts as reached
_CELL_M = 0.005  # resolution of the cache
_STEP_M, _BEARINGS = 0.025, 9  # the sample of the table from which an area is measured
_HIGH_M = 0.05  # a workspace that begins higher does not include the table
_EDGE_M = 0.04  # margin between things and the limits of reach
_NARROW_M = 0.06  # least width of a usable ring
_DEPTH_M = 0.35  # largest depth of the ring where things are placed


@dataclass(frozen=True)
class Area:
    """A sector of a ring on the table about a vertical axis, on the base's x axis."""

    axis_x_m: float
    working_radius_m: Range  # where the tool works
    push_radius_m: Range  # where there is room to push in every direction
    things_radius_m: Range  # where movable things are placed
    targets_radius_m: Range  # likewise pads and bins
    things_bearing_deg: float  # movable things lie within this of straight ahead
    targets_bearing_deg: float  # likewise pads and bins
    middle_m: tuple[float, float]  # x, y


@dataclass(frozen=True)
class Figures:
    """Figures of an arm that are given instead of measured."""

    area: Area | None = None
    hand: Hand | None = None


def figures_of(mjcf: str) -> Figures:
    """Return the figures in `NAME.figures.yaml` beside the model `NAME.xml`; empty where there are none."""
    path: Path = model_path(mjcf).with_suffix(".figures.yaml")
    return load_config(Figures, path) if path.is_file() else Figures()


class Reach:
    """Which places on the table an arm reaches; results are cached."""

    def __init__(self, kinematics: Kinematics, arm: ArmDescription, area: Area | None = None) -> None:
        """Compute the area where none is given.

        Args:
            kinematics: The arm's kinematics.
            arm: Its description.
            area: The area, if it is given.

        Raises:
            ConfigError: The arm does not reach the table.
        """
        self._kinematics = kinematics
        self._known: dict[tuple[int, int], bool] = {}
        self._given = area is not None
        self.area = area or self._measured(PanRoll.of(arm).pan_axis_m[0])

    def contains(self, place_m: Sequence[float], within_m: Range | None = None) -> bool:
        """Return whether the tool can work at a place (x, y).

        Args:
            place_m: The place, base frame.
            within_m: Radii to use instead of the working ones.
        """
        near, far = within_m or self.area.working_radius_m
        radius_m = math.dist(place_m[:2], (self.area.axis_x_m, 0.0))
        return near <= radius_m <= far and (self._given or self._pointing_down(*place_m[:2]))

    def _pointing_down(self, x_m: float, y_m: float) -> bool:
        """Return whether inverse kinematics puts the tool there, pointing down, within ranges and workspace."""
        key = round(x_m / _CELL_M), round(y_m / _CELL_M)
        if key not in self._known:
            x, y = key[0] * _CELL_M, key[1] * _CELL_M
            low, high = self._kinematics.spec.workspace_min_m.tolist(), self._kinematics.spec.workspace_max_m.tolist()
            inside = low[0] <= x <= high[0] and low[1] <= y <= high[1] and low[2] <= _HIGH_M
            self._known[key] = inside and self._solved(x, y)
        return self._known[key]

    def _solved(self, x_m: float, y_m: float) -> bool:
        """Return whether inverse kinematics, started at rest and led there in two steps, converges."""
        kinematics, spec = self._kinematics, self._kinematics.spec
        rest = kinematics.forward(spec.q_rest_rad)
        height_m = min(spec.workspace_min_m.item(2) + 0.01, rest.position_m.item(2))
        goal_m, q = np.array([x_m, y_m, height_m]), spec.q_rest_rad
        turn = math.atan2(y_m, x_m) - math.atan2(rest.position_m.item(1), rest.position_m.item(0))
        for share in (0.5, 1.0):
            between_m = rest.position_m + share * (goal_m - rest.position_m)
            q = kinematics.solve(ToolPose(between_m, rest.yaw_rad + share * turn), q)
        off_m = float(np.linalg.norm(kinematics.forward(q).position_m - goal_m))
        return off_m < _OFF_M and kinematics.tilt(q) < _LEAN_RAD

    def _measured(self, axis_x_m: float) -> Area:
        """Sample the table straight ahead for the radii, then their ends to either side for the bearings."""
        spec = self._kinematics.spec
        far_m = spec.workspace_max_m.item(0) - axis_x_m
        radii = [r for r in np.arange(_STEP_M, far_m, _STEP_M).tolist() if self._pointing_down(axis_x_m + r, 0.0)]
        run = _longest_run(radii)
        if len(run) < 2 or run[-1] - run[0] < _NARROW_M:
            raise ConfigError(
                f"arm {spec.name!r} reaches no table: pointing down, its tool reaches the top, z = 0, at x = "
                f"{[round(axis_x_m + r, 3) for r in radii]} m straight ahead (required: a stretch of {_NARROW_M} m or "
                f"more; the workspace begins at z = {spec.workspace_min_m.item(2):g} m); mount the base nearer to the "
                "table, choose another q_rest_rad, or widen the workspace"
            )
        near, far = run[0], run[-1]
        edge_m = min(_EDGE_M, (far - near) / 4)
        inner, outer = near + edge_m, far - edge_m
        inner = max(inner, outer - _DEPTH_M)
        middle = (inner + outer) / 2
        bearing = self._bearing_deg(axis_x_m, (inner, outer))
        return Area(
            axis_x_m=axis_x_m,
            working_radius_m=(near, far),
            push_radius_m=(near + edge_m / 2, far - edge_m / 2),
            things_radius_m=(inner, outer),
            targets_radius_m=(inner, outer),
            things_bearing_deg=0.8 * bearing,
            targets_bearing_deg=bearing,
            middle_m=(axis_x_m + middle, 0.0),
        )

    def _bearing_deg(self, axis_x_m: float, radii_m: Range) -> float:
        """Return how far to either side the whole ring can be reached, at most 60 degrees."""
        good = 5.0
        for bearing in np.linspace(0.0, 60.0, _BEARINGS)[1:].tolist():
            sides = [(r, sign * math.radians(bearing)) for r in radii_m for sign in (-1.0, 1.0)]
            if not all(self._pointing_down(axis_x_m + r * math.cos(a), r * math.sin(a)) for r, a in sides):
                break
            good = bearing
        return good


def _longest_run(radii_m: list[float]) -> list[float]:
    """Return the longest run of radii that follow each other in steps of the sample."""
    runs: list[list[float]] = []
    for radius in radii_m:
        if runs and radius - runs[-1][-1] < 1.5 * _STEP_M:
            runs[-1].append(radius)
        else:
            runs.append([radius])
    return max(runs, key=len, default=[])
