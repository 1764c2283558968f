"""The `Arm` of a MuJoCo scene, and the scene's clock. Knows nothing of the table."""

from collections.abc import Callable

import mujoco
import numpy as np

from robot_wm.arm import Arm
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats
from sim.arm_model import ArmConfig, arm_spec, gripper_of, servos_of
from sim.servo import Servos


class MujocoArm(Arm):
    """An arm in a MuJoCo model, driven by simulated servos. Time is simulated time."""

    def __init__(self, config: ArmConfig, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self._data = data
        self._spec = arm_spec(config, model)
        self._kinematics = Kinematics(self._spec)
        self.gripper = gripper_of(config, model)
        self.servos = Servos(model, data, config.all_joints, servos_of(config, model))

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    @property
    def kinematics(self) -> Kinematics:
        return self._kinematics

    def _connect(self) -> None:
        self.servos.hold(self.servos.angles())

    def _close(self) -> None:
        pass

    def _read(self) -> ArmState:
        n = self._spec.n_joints
        angles, speeds = self.servos.angles(), self.servos.speeds()
        opening = self.gripper.opening(angles[n:])
        return ArmState(angles[:n], speeds[:n], self.servos.efforts()[:n], opening, self._data.time)

    def _send(self, command: ArmCommand) -> ArmCommand:
        grip = self.gripper.angles_rad(command.gripper)
        sent = self.servos.command(np.array([*command.q_rad.tolist(), *grip]))
        n = self._spec.n_joints
        return ArmCommand(sent[:n], self.gripper.opening(sent[n:]), command.stamp_s, command.limited)

    def _stop(self) -> None:
        self.servos.hold(self.servos.angles())

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.position(q_rad)


class SimClock:
    """Simulated time. Waiting advances the physics."""

    def __init__(self, data: mujoco.MjData, advance: Callable[[float], None]) -> None:
        self._data = data
        self._advance = advance

    def now_s(self) -> float:
        """Return the simulated time since the last reset, s."""
        return float(self._data.time)

    def wait_until(self, t_s: float) -> None:
        """Advance the physics to `t_s`, rounded to a whole block."""
        if t_s > self.now_s():
            self._advance(t_s - self.now_s())
