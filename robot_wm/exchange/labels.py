"""Object and camera poses of a simulated scene, from the simulator states in logs: labels for training."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self, final, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.exchange.own_logs import Label
from robot_wm.log.entries import LogHeader
from robot_wm.station.station import Restorable, SimulatedStation, Station
from robot_wm.types import Floats

OpenStation = Callable[[str, str], Station]  # arm, scene


@runtime_checkable
class Labelling(Protocol):
    """A simulated station that knows all poses."""

    def table(self) -> NDArray[np.float32]:
        """(24, 6), rows as robot_wm.goals.NAMES, columns as robot_wm.data.table.COLUMNS."""
        raise NotImplementedError

    def camera_poses(self) -> NDArray[np.float32]:
        """(2, 12), as robot_wm.data.table.CAMERA_POSES has them."""
        raise NotImplementedError


@final
class Labels:
    """Restores the scenes of logs and returns their poses; one station per arm and scene. A context manager."""

    def __init__(self, make: OpenStation) -> None:
        self._make_station = make
        self._stations: dict[tuple[str, str], Station] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def label(self, header: LogHeader) -> Label | None:
        """Return what computes the labels of a log's states; None for real hardware or without recorded states.

        Valid until the next call, which resets the scene for another log.
        """
        scene = header.scene
        if scene is None or scene.state is None:
            return None
        station = self._station(header.arm, scene.suite)
        if not (
            isinstance(station, SimulatedStation) and isinstance(station, Restorable) and isinstance(station, Labelling)
        ):
            return None
        station.reset(scene.seed, scene.names, scene.away)
        restore, table, poses = station.set_state, station.table, station.camera_poses

        def label(state: Floats) -> Mapping[str, NDArray[np.float32]]:
            restore(state)
            return {TABLE.name: table().ravel(), CAMERA_POSES.name: poses().ravel()}

        return label

    def _station(self, arm: str, scene: str) -> Station:
        if (arm, scene) not in self._stations:
            self._stations[arm, scene] = self._open.enter_context(self._make_station(arm, scene))
        return self._stations[arm, scene]
