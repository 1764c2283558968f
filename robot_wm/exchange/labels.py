"""Training labels from logs: object and camera poses, computed from logged simulator states."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from robot_wm.exchange.own_logs import Label
from robot_wm.log.entries import LogHeader
from robot_wm.station.station import Station
from robot_wm.types import Floats

OpenStation = Callable[[str, str], Station]  # arm, scene


@final
class Labels:
    """Restores the scenes of logs and returns poses; keeps one station per arm and scene. A context manager."""

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
        """Return a function from states to labels; None for real hardware or if no states were logged.

        Valid until the next call, which resets the scene for another log.
        """
        scene = header.scene
        if scene is None or scene.state is None:
            return None
        simulation = self._station(header.arm, scene.suite).simulation
        if simulation is None or simulation.labels() is None:
            return None
        simulation.reset(scene.seed, scene.names, scene.away)

        def label(state: Floats) -> Mapping[str, NDArray[np.float32]]:
            simulation.set_state(state)
            return simulation.labels() or {}

        return label

    def _station(self, arm: str, scene: str) -> Station:
        if (arm, scene) not in self._stations:
            self._stations[arm, scene] = self._open.enter_context(self._make_station(arm, scene))
        return self._stations[arm, scene]
