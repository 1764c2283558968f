"""A setup whose world is a number: how many effective ticks there were. Quick, picklable, judged by that number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from robot_wm.agents.scripted import ScriptedExpert
from robot_wm.camera import Camera
from robot_wm.control.agent import Agent, Decides
from robot_wm.errors import CheckpointError
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.suite import Suite
from robot_wm.fake import FakeArm, FakeCamera
from robot_wm.goals import Task
from robot_wm.records import Decision, Instruction
from robot_wm.station.station import Simulation, Station
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


class CountingStation(Station, Simulation):
    """A simulated setup without physics."""

    def __init__(self) -> None:
        self._clock = HandClock()
        self._arm = FakeArm(self._clock.now_s)
        self._cameras = {"overview": FakeCamera(CameraSpec("overview", 8, 8, 10.0))}
        self._names: tuple[str, ...] = ()
        self.worked = 0
        self.bumps: list[str] = []

    @property
    def arm(self) -> FakeArm:
        return self._arm

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._cameras

    @property
    def clock(self) -> HandClock:
        return self._clock

    @property
    def simulation(self) -> "CountingStation":
        return self

    @property
    def names(self) -> tuple[str, ...]:
        return self._names

    def __enter__(self) -> Self:
        self.arm.connect()
        self.cameras["overview"].connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arm.close()

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        self._names, self.worked = tuple(names or ("red cube", "blue bin")), 0

    def judge(self, task: Task) -> CountingJudge:
        return CountingJudge(task, self, after=3)

    def expert(self, task: Task, seed: int) -> Decides:
        return Worker()

    def picture(self) -> np.ndarray:
        return np.full((64, 64, 3), 90, np.uint8)

    def bump(self, name: str, seed: int) -> bool:
        self.bumps.append(name)
        return len(self.bumps) > 2  # not free at first


class Worker:
    """Does what is wanted, whatever it is."""

    def decide(self, observation: Observation) -> Decision:
        return Decision(np.array([0.0, 0.0, 0.0, 0.0, 0.5]), source="worker")


@dataclass(frozen=True)
class FakeRecipe:
    """The expert on a counting setup; a broken one cannot be opened."""

    broken: bool = False

    def instruction(self, line: Line) -> Instruction:
        return Instruction(line.instruction, line.goals)

    def open(self, suite: Suite) -> tuple[Station, Agent]:
        if self.broken:
            raise CheckpointError("no checkpoint at nowhere")
        station = CountingStation()
        return station, ScriptedExpert(station)
