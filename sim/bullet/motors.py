"""The servos' torques, step by step: what MuJoCo computes in a position actuator with damping and dry friction.

torque = clip(gain (set point - angle) - D speed, force limit) - damping speed, against a brake of the dry friction.
Gains, limits and set points are the MuJoCo model's own, so that randomised servos apply here too.
"""

from typing import final

import mujoco
import numpy as np
import pybullet

from robot_wm.types import Floats
from sim.bullet.arm_body import ArmBody
from sim.bullet.client import Client


@final
class Motors:
    """The motors of one arm. Create new ones when the model's gains change."""

    def __init__(self, client: Client, model: mujoco.MjModel, data: mujoco.MjData, arm: ArmBody) -> None:
        self._client, self._model, self._data, self._body = client, model, data, arm.body
        self._joints = list(range(len(arm.joints)))  # PyBullet's links
        self._qpos, self._qvel = model.jnt_qposadr[list(arm.joints)], model.jnt_dofadr[list(arm.joints)]
        by_joint = {int(model.actuator_trnid[each, 0]): each for each in range(model.nu)}
        self._actuators = np.array([by_joint[joint] for joint in arm.joints])
        self._gain = model.actuator_gainprm[self._actuators, 0].copy()  # N m/rad
        self._rate_gain = -model.actuator_biasprm[self._actuators, 2]  # N m s/rad
        self._damping = model.dof_damping[self._qvel].copy()
        self._torque = np.zeros(len(arm.joints))
        client.setJointMotorControlArray(
            arm.body,
            self._joints,
            pybullet.VELOCITY_CONTROL,
            targetVelocities=[0.0] * len(arm.joints),
            forces=model.dof_frictionloss[self._qvel].tolist(),
        )

    def apply(self) -> None:
        """Set the torques of the next step."""
        angle, speed = self._measured()
        error = self._data.ctrl[self._actuators] - angle
        low, high = self._model.actuator_forcerange[self._actuators].T  # N m, as `sim.motor` leaves them each block
        self._torque = np.clip(self._gain * error - self._rate_gain * speed, low, high)
        self._client.setJointMotorControlArray(
            self._body,
            self._joints,
            pybullet.TORQUE_CONTROL,
            forces=(self._torque - self._damping * speed).tolist(),
        )

    def put(self) -> None:
        """Set the joints to the angles and speeds in `data`."""
        for joint, angle, speed in zip(
            self._joints, self._data.qpos[self._qpos], self._data.qvel[self._qvel], strict=True
        ):
            self._client.resetJointState(self._body, joint, float(angle), float(speed))

    def read_back(self) -> None:
        """Write angles, speeds and the motors' torques to `data`."""
        self._data.qpos[self._qpos], self._data.qvel[self._qvel] = self._measured()
        self._data.actuator_force[self._actuators] = self._torque

    def _measured(self) -> Floats:
        """Return angles and speeds of the joints, (2, n)."""
        return np.array([state[:2] for state in self._client.getJointStates(self._body, self._joints)]).T
