"""A station whose world is a number: how many ticks have been done. Quick, picklable, judged by that number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from robot_wm.camera import Camera
from robot_wm.control.policy import Policy
from robot_wm.errors import CheckpointError
from robot_wm.evaluate.contestants import Contestant, Told
from robot_wm.evaluate.suite import Suite
from robot_wm.fake import FakeArm, FakeCamera
from robot_wm.goals import Task
from robot_wm.records import Decision
from robot_wm.station.station import SimulatedStation
from robot_wm.types import CameraSpec, Observation
from tests.control.fakes import HandClock


class CountingJudge:
    """Done once the station has seen `after` effective ticks; "reach" was done before it began."""

    judged_by = "simulator"

    def __init__(self, task: Task, station: "CountingStation", after: int) -> None:
        self.already_done = task.skill == "reach"
        self._station, self._after = station, station.worked + after
        self.done = False

    def update(self, decision: Decision) -> None:
        self._station.worked += decision.source == "worker"
        self.done = self._station.worked >= self._after


class CountingStation:
    """Implements SimulatedStation without physics."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.arm = FakeArm(self.clock.now_s)
        self.cameras: Mapping[str, Camera] = {"overview": FakeCamera(CameraSpec("overview", 8, 8, 10.0))}
        self.names: tuple[str, ...] = ()
        self.worked = 0
        self.bumps: list[str] = []

    def __enter__(self) -> Self:
        self.arm.connect()
        self.cameras["overview"].connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arm.close()

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        self.names, self.worked = tuple(names or ("red cube", "blue bin")), 0

    def judge(self, task: Task) -> CountingJudge:
        return CountingJudge(task, self, after=3)

    def oracle(self, task: Task, seed: int) -> Policy:
        return Worker()

    def picture(self) -> np.ndarray:
        return np.full((64, 64, 3), 90, np.uint8)

    def bump(self, name: str, seed: int) -> bool:
        self.bumps.append(name)
        return len(self.bumps) > 2  # not free at first


class Worker:
    """Does what is wanted, whatever it is."""

    def start(self, goal: Any) -> None:
        pass

    def decide(self, observation: Observation) -> Decision:
        return Decision(np.array([0.0, 0.0, 0.0, 0.0, 0.5]), source="worker")


@dataclass(frozen=True)
class FakeRecipe:
    """The oracle on a counting station; a broken one cannot be opened."""

    broken: bool = False

    def open(self, suite: Suite) -> tuple[SimulatedStation, Contestant]:
        if self.broken:
            raise CheckpointError("no checkpoint at nowhere")
        station = CountingStation()
        return station, Told(station.oracle, refuses=True)
