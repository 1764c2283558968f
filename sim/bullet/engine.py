"""PyBullet as the engine of a scene: its own articulated dynamics, collisions and contacts on the same description."""

from typing import final

import mujoco
import numpy as np

from robot_wm.errors import DeviceError
from sim.bullet.arm_body import add_arm
from sim.bullet.client import Client
from sim.bullet.motors import Motors
from sim.bullet.painter import BulletPainter
from sim.bullet.things import FreeBody, add_fixed, add_movable, put, read_back
from sim.servo import STEP_S

SUBSTEPS = 5  # in a step of the scene: explicit motor torques need 1 ms
_ITERATIONS = 60


@final
class BulletEngine:
    """Implements `sim.engine.Engine`. Every `begin` makes a new world, so that an episode leaves no trace."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self._model, self._data = model, data
        self._client: Client | None = None
        self._things: list[FreeBody] = []
        self._known = np.empty(0)  # the state at the last synchronisation

    def begin(self) -> None:
        self.close()
        mujoco.mj_kinematics(self._model, self._data)
        self._client = client = Client()
        client.setGravity(*self._model.opt.gravity.tolist())
        client.setPhysicsEngineParameter(
            fixedTimeStep=STEP_S / SUBSTEPS, numSolverIterations=_ITERATIONS, deterministicOverlappingPairs=1
        )
        add_fixed(client, self._model, self._data)
        self._things = add_movable(client, self._model, self._data)
        self._motors = Motors(client, self._model, self._data, add_arm(client, self._model, self._data))
        self._motors.put()
        self._sync()

    def step(self, steps: int) -> None:
        client = self.current()
        for _ in range(steps * SUBSTEPS):
            self._motors.apply()
            client.stepSimulation()
        self._data.time += steps * STEP_S
        self._motors.read_back()
        for thing in self._things:
            read_back(client, self._data, thing)
        self._sync()

    def check(self) -> None:
        if not np.isfinite(self._known).all():
            raise DeviceError(f"the physics became unstable at {self._data.time:.2f} s; reset the scene")

    def painter(self, size_px: int | None = None) -> BulletPainter:
        return BulletPainter(self._model, self._data, self.current)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def current(self) -> Client:
        """Return the world, updated where `data` was changed from outside."""
        if self._client is None:
            self.begin()
        assert self._client is not None
        if not np.array_equal(self._known, self._state()):
            self._motors.put()
            for thing in self._things:
                put(self._client, self._data, thing)
            self._sync()
        return self._client

    def _sync(self) -> None:
        """Compute what follows from the poses in `data`, and remember its state."""
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        self._known = self._state()

    def _state(self) -> np.ndarray:
        return np.concatenate([self._data.qpos, self._data.qvel])
