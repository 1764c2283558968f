"""The simulated robot setup: a scene with its judge, scripted expert and bumps, for sessions and evaluations."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import CartesianActions
from robot_wm.camera import Camera
from robot_wm.control.judging import SIMULATOR
from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.errors import UnknownNameError
from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from robot_wm.records import Decision
from robot_wm.station.station import Simulation, Station
from robot_wm.types import Floats, Observation
from sim.disturbances import bump_m_s
from sim.expert import Expert
from sim.judge import Judge
from sim.mujoco_arm import MujocoArm, SimClock
from sim.predicates import on_table, surface_distance_m
from sim.scene import Scene
from sim.scene_config import load_scene_config

TICK_S = 0.1
_SETTLED_S = 0.4  # after a bump
_FREE_M = 0.015  # a thing nearer to the tool than this may be held, and is not bumped
_AWAY_M = np.array([0.05, 0.12, 0.03])  # largest distance from rest of an arm that starts away from it
_AWAY_TICKS = 12


def mujoco_station(scene: str, arm_file: str | None = None) -> "SimStation":
    """Make the setup of `--arm mujoco`, or of an arm that a YAML file describes.

    Args:
        scene: A name in configs/scenes, or a file; an arm's own scene has precedence.
        arm_file: The arm's YAML, or its name in configs/arms.

    Raises:
        UnknownNameError: There is no such scene or arm.
        ConfigError: Their values are not valid.
    """
    return SimStation(Scene(load_scene_config(scene, arm_file)))


@final
class SimStation(Station, Simulation):
    """A scene in a simulator. Enter it, then call `reset` first."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._bumped_s: list[float] = []  # times of bumps

    @property
    def scene(self) -> Scene:
        """The simulated world."""
        return self._scene

    @property
    def arm(self) -> MujocoArm:
        return self._scene.arm

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._scene.cameras

    @property
    def clock(self) -> SimClock:
        return self._scene.clock

    @property
    def simulation(self) -> "SimStation":
        return self

    @property
    def names(self) -> tuple[str, ...]:
        return self._scene.names

    def __enter__(self) -> Self:
        for camera in self._scene.cameras.values():
            camera.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for camera in self._scene.cameras.values():
            camera.close()
        self._scene.close()

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        self._scene.reset(seed, names)
        self._bumped_s = []
        if away:
            self._leave_rest(np.random.default_rng([seed, 77]))

    def judge(self, task: Task) -> "SceneJudge":
        self._require(task)
        return SceneJudge(task, self._scene, self)

    def expert(self, task: Task, seed: int) -> "SceneExpert":
        self._require(task)
        return SceneExpert(task, self._scene, self, seed)

    def picture(self) -> NDArray[np.uint8]:
        return self._scene.portrait()

    def state(self) -> Floats:
        return self._scene.state()

    def set_state(self, state: Floats) -> None:
        self._scene.set_state(state)

    def labels(self) -> Mapping[str, NDArray[np.float32]]:
        return {TABLE.name: self._scene.table().ravel(), CAMERA_POSES.name: self._scene.camera_poses().ravel()}

    def bump(self, name: str, seed: int) -> bool:
        thing = self._scene.things()[name]
        near = surface_distance_m(self._scene.tool().position_m, thing) < _FREE_M
        if kind_of(name) not in MOVABLE_KINDS or not on_table(thing) or near:
            return False
        self._scene.nudge(name, bump_m_s(self._scene, np.random.default_rng([seed, 78]), thing))
        self._bumped_s.append(self.clock.now_s())
        return True

    @property
    def settled_bumps(self) -> int:
        """The number of bumps whose object has come to rest."""
        return sum(self.clock.now_s() - then >= _SETTLED_S for then in self._bumped_s)

    def _require(self, task: Task) -> None:
        for name in task.names:
            if name not in self.names:
                raise UnknownNameError("thing on this table", name, self.names)

    def _leave_rest(self, rng: np.random.Generator) -> None:
        """Move the arm away from rest, above everything on the table."""
        actions = CartesianActions(self._scene.kinematics)
        step = np.append(rng.choice([-1.0, 1.0], 3) * rng.uniform(0.5, 1.0, 3) * _AWAY_M / _AWAY_TICKS, [0.0, 0.5])
        step[2] = abs(step[2])
        for _ in range(_AWAY_TICKS):
            self.arm.command(actions.target(step, self.arm.read(), self.arm.sent))
            self._scene.advance(TICK_S)


@final
class SceneJudge:
    """The simulator's verdict. After a bump, displacements may be counted from the object's new place."""

    judged_by = SIMULATOR

    def __init__(self, task: Task, scene: Scene, station: SimStation) -> None:
        self._again = partial(Judge, task, scene)
        self._judges = [self._again()]
        self._station = station
        self._bumps = station.settled_bumps
        self._counts_again = task.declaration.from_start

    @property
    def done(self) -> bool:
        return any(judge.done for judge in self._judges)

    @property
    def already_done(self) -> bool:
        return self._judges[0].already_done

    def update(self, decision: Decision | None = None) -> None:
        if self._counts_again and self._station.settled_bumps > self._bumps:
            self._bumps = self._station.settled_bumps
            self._judges.append(self._again())
        for judge in self._judges:
            judge.update()


@final
class SceneExpert:
    """The scripted expert of one goal. It sees the true state, which also decides its `done_probability`."""

    def __init__(self, task: Task, scene: Scene, station: SimStation, seed: int) -> None:
        self._again = partial(Expert, task, scene)
        self._seed = seed
        self._station = station
        self._bumps = station.settled_bumps
        self._expert = self._again(np.random.default_rng(seed))

    def decide(self, observation: Observation) -> Decision:
        if self._station.settled_bumps > self._bumps:
            self._bumps = self._station.settled_bumps
            self._expert = self._again(np.random.default_rng([self._seed, self._bumps]))
        return Decision(
            self._expert.act(sent=observation.sent), done_probability=float(self._expert.finished), source="oracle"
        )
