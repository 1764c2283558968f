"""A MuJoCo scene as the physics behind the emulated servo bus: the same MJCF, table, cameras and judge.

The emulator computes the motors' set points and limits each tick (`Drives`); MuJoCo computes the joints' response.
Found by entry point in the group `robot_wm.physics`; hardware and simulator know each other by that protocol only.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from robot_wm.camera import Camera
from robot_wm.control.agent import Decides
from robot_wm.control.judging import Judge
from robot_wm.goals import Task
from robot_wm.types import ArmSpec, Floats
from sim.engine import MujocoEngine
from sim.station import SimStation, mujoco_station


class Drives(Protocol):
    """Torques (n,): clip(gain (set_point - q) - damping dq + feed, low, high), N m, and dry friction `brake`."""

    @property
    def set_point_rad(self) -> Floats:
        raise NotImplementedError

    @property
    def gain_n_m_rad(self) -> Floats:
        raise NotImplementedError

    @property
    def damping_n_m_s_rad(self) -> Floats:
        raise NotImplementedError

    @property
    def feed_n_m(self) -> Floats:
        raise NotImplementedError

    @property
    def low_n_m(self) -> Floats:
        raise NotImplementedError

    @property
    def high_n_m(self) -> Floats:
        raise NotImplementedError

    @property
    def brake_n_m(self) -> Floats:
        raise NotImplementedError


def mujoco_world(scene: str = "tabletop", arm_file: str | None = None) -> "EmulatedScene":
    """Make the world of a scene, reset with seed 0.

    Args:
        scene: A name in configs/scenes, or a file.
        arm_file: An arm's name in configs/arms or its YAML, in place of the scene's own arm.

    Raises:
        UnknownNameError: There is no such scene or arm.
        ConfigError: Their values are not valid.
    """
    return EmulatedScene(mujoco_station(scene, arm_file))


class EmulatedScene:
    """Implements `hardware.emulator.physics.World`. One tick is one step of the physics."""

    def __init__(self, station: SimStation) -> None:
        self._station = station
        self._scene = scene = station.scene
        self._model, self._data = scene.model, scene.data
        self._engine = MujocoEngine(scene.model, scene.data)
        self.joint_names = scene.config.arm.all_joints
        self._actuators = np.array([self._model.actuator(name).id for name in self.joint_names])
        joints = [self._model.joint(name) for name in self.joint_names]
        self._qpos = np.array([joint.qposadr[0] for joint in joints])
        self._dofs = np.array([joint.dofadr[0] for joint in joints])
        self._friction = self._model.dof_frictionloss[self._dofs].copy()
        self._gains = self._model.actuator_gainprm.copy(), self._model.actuator_biasprm.copy()
        self._force = self._model.actuator_forcerange.copy()
        self._strength = np.ones(len(joints))  # factors of the gains in this episode
        self.reset(0)

    @property
    def spec(self) -> ArmSpec:
        return self._scene.arm.spec

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._station.cameras

    @property
    def names(self) -> tuple[str, ...]:
        return self._station.names

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        """Reset as `SimStation.reset`, during which the simulator's own servos drive the joints."""
        self._model.dof_frictionloss[self._dofs] = self._friction
        self._model.actuator_gainprm[:], self._model.actuator_biasprm[:] = self._gains
        self._model.actuator_forcerange[:] = self._force
        self._station.reset(seed, names, away)
        nominal = self._gains[0][self._actuators, 0]
        self._strength = self._model.actuator_gainprm[self._actuators, 0] / nominal
        self._data.qvel[self._dofs] = 0.0

    def step(self, drives: Drives) -> None:
        model, data, actuators = self._model, self._data, self._actuators
        gain = drives.gain_n_m_rad * self._strength
        model.actuator_gainprm[actuators, 0] = gain
        model.actuator_biasprm[actuators, 0] = drives.feed_n_m
        model.actuator_biasprm[actuators, 1] = -gain
        model.actuator_biasprm[actuators, 2] = -drives.damping_n_m_s_rad
        model.actuator_forcerange[actuators, 0] = drives.low_n_m
        model.actuator_forcerange[actuators, 1] = drives.high_n_m
        model.dof_frictionloss[self._dofs] = self._friction + drives.brake_n_m
        data.ctrl[actuators] = drives.set_point_rad
        self._engine.step(1)
        self._engine.check()

    def angles(self) -> Floats:
        return self._data.qpos[self._qpos]

    def speeds(self) -> Floats:
        return self._data.qvel[self._dofs]

    def torques(self) -> Floats:
        return self._data.actuator_force[self._actuators]

    def judge(self, task: Task) -> Judge:
        return self._station.judge(task)

    def expert(self, task: Task, seed: int) -> Decides:
        return self._station.expert(task, seed)

    def picture(self) -> NDArray[np.uint8]:
        return self._station.picture()

    def bump(self, name: str, seed: int) -> bool:
        return self._station.bump(name, seed)

    def close(self) -> None:
        """Release the OpenGL context."""
        self._station.__exit__(None, None, None)
