"""Realistic position servos: finite torque and speed, encoder steps, backlash and latency.

Physics runs in blocks of BLOCK_S; set points move between blocks, and no Python runs within one. Knows joints and
actuators of a MuJoCo model, but no arm, no limits and no tool.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import mujoco
import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.types import Floats
from sim.motor import MotorConfig, Motors

BLOCK_S = 0.02  # set points move this often
STEP_S = 0.005  # physics
DELAY_BLOCKS_MAX = 10
BACKLASH = "_backlash"  # suffix of the loose joint that stands for the play behind a joint
_LOOSE_DAMPING_N_M_S = 0.01  # of the loose joint: small, but enough that it does not rattle
_LOOSE_ARMATURE_KG_M2 = 0.001


@dataclass(frozen=True)
class ServoConfig:
    """A servo's parameters; the defaults are the STS3215's. On slide joints read m for rad and N for N m.

    Raises:
        ConfigError: The latency is out of range.
    """

    gain_n_m_rad: float = 60.0  # between the two published figures, 17.8 and 998: sags about 1 degree under load
    damping_gain: float = 1.6  # N m s/rad that the servo's own D term adds
    force_n_m: float = 2.9  # stall torque of the 12 V unit
    speed_rad_s: float = 4.0  # limit of the set point; 5.2 is the no-load speed
    damping: float = 0.60  # N m s/rad
    friction_n_m: float = 0.052
    armature_kg_m2: float = 0.028
    steps_a_turn: int = 4096  # resolution of command and reading; 0: continuous
    dead_band_rad: float = 0.0  # smaller errors cause no torque
    backlash_rad: float = 0.0  # play of the gears from stop to stop, unseen by the encoder; about 0.017 on the real one
    latency_s: float = 0.0  # from command to the set point's first move, in steps of BLOCK_S
    motor: MotorConfig = field(default_factory=MotorConfig)

    def __post_init__(self) -> None:
        if not 0.0 <= self.latency_s <= DELAY_BLOCKS_MAX * BLOCK_S:
            raise ConfigError(
                f"latency_s must be within 0 and {DELAY_BLOCKS_MAX * BLOCK_S}, received {self.latency_s}; "
                "a slower servo cannot be controlled at 10 Hz"
            )


@dataclass(frozen=True)
class ServoTrim:
    """How one arm's servos differ from their data sheet in an episode."""

    gain_factor: float = 1.0
    extra_latency_s: float = 0.0


def add_servo(spec: mujoco.MjSpec, joint: mujoco.MjsJoint, config: ServoConfig) -> None:
    """Give a joint of `spec` a position actuator of the same name, with the servo's damping, friction and armature."""
    joint.damping = np.full_like(joint.damping, 0.0)
    joint.damping[0] = config.damping
    joint.frictionloss = config.friction_n_m
    joint.armature = config.armature_kg_m2
    actuator = spec.add_actuator(name=joint.name, target=joint.name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=config.gain_n_m_rad, kv=config.damping_gain)
    actuator.forcelimited = True
    actuator.forcerange = [-config.force_n_m, config.force_n_m]
    if config.backlash_rad > 0.0:
        _add_backlash(spec, joint, config.backlash_rad / 2)


def _add_backlash(spec: mujoco.MjSpec, joint: mujoco.MjsJoint, half_rad: float) -> None:
    """Add a loose hinge about the same axis, between two stops, after the joint that is driven and measured."""
    half = np.rad2deg(half_rad) if spec.compiler.degree else half_rad
    loose = joint.parent.add_joint(name=joint.name + BACKLASH, pos=joint.pos, axis=joint.axis, range=[-half, half])
    loose.type = mujoco.mjtJoint.mjJNT_HINGE
    loose.limited = True
    loose.damping[0], loose.armature = _LOOSE_DAMPING_N_M_S, _LOOSE_ARMATURE_KG_M2


def quantised(angle_rad: Floats, steps_a_turn: Floats) -> Floats:
    """Round angles (n,) to the encoders' steps (n,) per turn; 0 steps leave an angle as it is."""
    step = 2.0 * np.pi / np.maximum(steps_a_turn, 1.0)
    return np.where(steps_a_turn > 0, np.round(angle_rad / step) * step, angle_rad)


class Servos:
    """All servos of one arm.

    Args:
        model: The compiled scene.
        data: Its state.
        joint_names: The n driven joints; actuators have the same names.
        configs: The servo of each.
    """

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, joint_names: Sequence[str], configs: Sequence[ServoConfig]
    ) -> None:
        self._model, self._data = model, data
        self._configs = tuple(configs)
        self._ctrl, self._forces, self._qpos, self._qvel = data.ctrl, data.actuator_force, data.qpos, data.qvel
        self._actuators = as_slice([model.actuator(name).id for name in joint_names])
        self._qpos_at = as_slice([model.joint(name).qposadr[0] for name in joint_names])
        self._qvel_at = as_slice([model.joint(name).dofadr[0] for name in joint_names])
        self._steps = self._column("steps_a_turn")
        self._step_rad = 2.0 * np.pi / self._steps if (self._steps > 0).all() else None  # (n,)
        self._slew_rad = (self._column("speed_rad_s") * BLOCK_S).tolist()  # n, a block
        self._force_n_m = self._column("force_n_m")
        self._dead_band_rad = self._column("dead_band_rad")
        self._has_dead_band = bool(self._dead_band_rad.any())
        self._set_point = [0.0] * len(joint_names)
        self._goals = deque([self._set_point] * (DELAY_BLOCKS_MAX + 1), DELAY_BLOCKS_MAX + 1)  # k: k blocks ago
        self._delays = [0] * len(joint_names)  # blocks
        self._motors = Motors([config.motor for config in configs]) if any(c.motor.limited for c in configs) else None
        self.trim(ServoTrim())

    def trim(self, trim: ServoTrim) -> None:
        """Set how the servos differ from their parameters from now on."""
        gains = trim.gain_factor * self._column("gain_n_m_rad")
        self._model.actuator_gainprm[self._actuators, 0] = gains
        self._model.actuator_biasprm[self._actuators, 1] = -gains
        late = np.round((self._column("latency_s") + trim.extra_latency_s) / BLOCK_S)
        self._delays = np.clip(late, 0, DELAY_BLOCKS_MAX).astype(int).tolist()

    def hold(self, q_rad: Floats) -> None:
        """Set every goal and set point to angles (n,) at once; the joints themselves do not move."""
        self._set_point = self._rounded(np.asarray(q_rad, dtype=np.float64)).tolist()
        self._goals.extend([self._set_point.copy()] * (DELAY_BLOCKS_MAX + 1))
        self._ctrl[self._actuators] = self._set_point
        if self._motors is not None:
            self._motors.reset()

    def command(self, q_rad: Floats) -> Floats:
        """Set the goals (n,) and return them rounded to the servos' steps."""
        goals = self._rounded(q_rad)
        self._goals[0] = goals.tolist()
        return goals

    def angles(self) -> Floats:
        """Return the angles that the encoders measure, (n,) rad."""
        return self._rounded(self._qpos[self._qpos_at])

    def speeds(self) -> Floats:
        """Return the measured speeds, (n,) rad/s, rounded to encoder steps a second."""
        return self._rounded(self._qvel[self._qvel_at])

    def efforts(self) -> Floats:
        """Return the torques of the motors, (n,) N m."""
        return self._forces[self._actuators].copy()

    def before_block(self) -> None:
        """Move the set points by one block; call it before each BLOCK_S of physics."""
        point, goals = self._set_point, self._goals
        for k, slew_rad in enumerate(self._slew_rad):
            gap_rad = goals[self._delays[k]][k] - point[k]
            point[k] += slew_rad if gap_rad > slew_rad else -slew_rad if gap_rad < -slew_rad else gap_rad
        goals.appendleft(goals[0])
        self._ctrl[self._actuators] = self._effective_set_points()
        if self._motors is not None:
            self._limit_force(self._motors)

    def state(self) -> Floats:
        """Return the state for `set_state`, a flat array."""
        motors = [] if self._motors is None else self._motors.state()
        return np.concatenate([self._set_point, *self._goals, motors])

    def set_state(self, state: Floats) -> None:
        """Restore a state."""
        n = len(self._set_point)
        self._set_point = state[:n].tolist()
        self._goals.extend(state[n : n + n * len(self._goals)].reshape(-1, n).tolist())
        if self._motors is not None:
            self._motors.set_state(state[n + n * len(self._goals) :].tolist())
        self._ctrl[self._actuators] = self._effective_set_points()

    def _limit_force(self, motors: Motors) -> None:
        """Set the torque limits of the next block."""
        shares, speeds_rad_s = self._forces[self._actuators] / self._force_n_m, self._qvel[self._qvel_at]
        limits = np.array(motors.limits(shares.tolist(), speeds_rad_s.tolist(), BLOCK_S))  # (n, 2)
        self._model.actuator_forcerange[self._actuators] = limits * self._force_n_m[:, None]

    def _rounded(self, angle_rad: Floats) -> Floats:
        """Round angles as `quantised` does, faster where every servo has steps."""
        if self._step_rad is None:
            return quantised(angle_rad, self._steps)
        return np.rint(angle_rad / self._step_rad) * self._step_rad

    def _effective_set_points(self) -> Floats | list[float]:
        """Return the n set points with the dead band subtracted from the error."""
        if not self._has_dead_band:
            return self._set_point
        error = self._set_point - self._qpos[self._qpos_at]
        return self._set_point - np.clip(error, -self._dead_band_rad, self._dead_band_rad)

    def _column(self, field: str) -> Floats:
        return np.array([getattr(config, field) for config in self._configs], dtype=np.float64)


def as_slice(indices: Sequence[int]) -> slice | list[int]:
    """Return indices into an array, as a slice where they are consecutive, which is faster."""
    first, last = indices[0], indices[-1]
    return slice(first, last + 1) if list(indices) == list(range(first, last + 1)) else list(map(int, indices))
