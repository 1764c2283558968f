"""Position servos as they are: finite force and speed, coarse steps, backlash, and an answer that comes late.

Physics runs in blocks of BLOCK_S between which the set points move; no Python runs in between. Knows joints and
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
BACKLASH = "_backlash"  # goes after the name of a joint, for the loose one behind it
_LOOSE_DAMPING_N_M_S = 0.01  # of the loose joint: little, but it must not rattle
_LOOSE_ARMATURE_KG_M2 = 0.001


@dataclass(frozen=True)
class ServoConfig:
    """One servo's figures, of the STS3215 unless a field says otherwise."""

    gain_n_m_rad: float = 60.0  # between the two published figures, 17.8 and 998: sags about 1 degree under load
    damping_gain: float = 1.6  # N m s/rad that the servo's own D term adds
    force_n_m: float = 2.9  # stall torque of the 12 V unit
    speed_rad_s: float = 4.0  # the set point moves no faster; 5.2 is the no-load speed
    damping: float = 0.60  # N m s/rad
    friction_n_m: float = 0.052
    armature_kg_m2: float = 0.028
    steps_a_turn: int = 4096  # of command and of reading; 0 for a perfect one
    dead_band_rad: float = 0.0  # an error smaller than this is not acted upon
    backlash_rad: float = 0.0  # play of the gears from stop to stop, beyond what the encoder sees; about 0.017
    latency_s: float = 0.0  # from command to the set point's first move, in steps of BLOCK_S
    motor: MotorConfig = field(default_factory=MotorConfig)

    def __post_init__(self) -> None:
        if not 0.0 <= self.latency_s <= DELAY_BLOCKS_MAX * BLOCK_S:
            raise ConfigError(
                f"latency_s must be within 0 and {DELAY_BLOCKS_MAX * BLOCK_S}, received {self.latency_s}; "
                "a later servo cannot be controlled at 10 Hz"
            )


@dataclass(frozen=True)
class ServoTrim:
    """How one arm's servos differ from their data sheet today."""

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
    """A loose hinge about the same axis, between two stops, after the one that is driven and measured."""
    half = np.rad2deg(half_rad) if spec.compiler.degree else half_rad
    loose = joint.parent.add_joint(name=joint.name + BACKLASH, pos=joint.pos, axis=joint.axis, range=[-half, half])
    loose.type = mujoco.mjtJoint.mjJNT_HINGE
    loose.limited = True
    loose.damping[0], loose.armature = _LOOSE_DAMPING_N_M_S, _LOOSE_ARMATURE_KG_M2


def quantised(angle_rad: Floats, steps_a_turn: Floats) -> Floats:
    """Angles (n,) rounded to a servo's steps; 0 steps a turn leaves an angle alone."""
    step = 2.0 * np.pi / np.maximum(steps_a_turn, 1.0)
    return np.where(steps_a_turn > 0, np.round(angle_rad / step) * step, angle_rad)


class Servos:
    """All servos of one arm, in the order of `joint_names`. Goals are angles (n,) rad."""

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, joint_names: Sequence[str], configs: Sequence[ServoConfig]
    ) -> None:
        self._model, self._data = model, data
        self._configs = tuple(configs)
        self._ctrl, self._forces, self._qpos, self._qvel = data.ctrl, data.actuator_force, data.qpos, data.qvel
        self._actuators = run_of([model.actuator(name).id for name in joint_names])
        self._qpos_at = run_of([model.joint(name).qposadr[0] for name in joint_names])
        self._qvel_at = run_of([model.joint(name).dofadr[0] for name in joint_names])
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
        """Set how the servos differ from their figures from now on."""
        gains = trim.gain_factor * self._column("gain_n_m_rad")
        self._model.actuator_gainprm[self._actuators, 0] = gains
        self._model.actuator_biasprm[self._actuators, 1] = -gains
        late = np.round((self._column("latency_s") + trim.extra_latency_s) / BLOCK_S)
        self._delays = np.clip(late, 0, DELAY_BLOCKS_MAX).astype(int).tolist()

    def hold(self, q_rad: Floats) -> None:
        """Put every goal and set point at angles (n,), at once; the joints themselves are not touched."""
        self._set_point = self._rounded(np.asarray(q_rad, dtype=np.float64)).tolist()
        self._goals.extend([self._set_point.copy()] * (DELAY_BLOCKS_MAX + 1))
        self._ctrl[self._actuators] = self._set_point
        if self._motors is not None:
            self._motors.rest()

    def command(self, q_rad: Floats) -> Floats:
        """Set the goals (n,); return what the servos make of them."""
        goals = self._rounded(q_rad)
        self._goals[0] = goals.tolist()
        return goals

    def angles(self) -> Floats:
        """What the encoders say, (n,) rad."""
        return self._rounded(self._qpos[self._qpos_at])

    def speeds(self) -> Floats:
        """What the servos report, (n,) rad/s, in steps a second."""
        return self._rounded(self._qvel[self._qvel_at])

    def efforts(self) -> Floats:
        """Torques of the motors, (n,) N m."""
        return self._forces[self._actuators].copy()

    def before_block(self) -> None:
        """Move the set points by one block; call it before each BLOCK_S of physics."""
        point, goals = self._set_point, self._goals
        for k, slew_rad in enumerate(self._slew_rad):
            gap_rad = goals[self._delays[k]][k] - point[k]
            point[k] += slew_rad if gap_rad > slew_rad else -slew_rad if gap_rad < -slew_rad else gap_rad
        goals.appendleft(goals[0])
        self._ctrl[self._actuators] = self._acted_upon()
        if self._motors is not None:
            self._limit_force(self._motors)

    def state(self) -> Floats:
        """All that the servos remember, a flat array."""
        motors = [] if self._motors is None else self._motors.state()
        return np.concatenate([self._set_point, *self._goals, motors])

    def set_state(self, state: Floats) -> None:
        """Remember what `state` says."""
        n = len(self._set_point)
        self._set_point = state[:n].tolist()
        self._goals.extend(state[n : n + n * len(self._goals)].reshape(-1, n).tolist())
        if self._motors is not None:
            self._motors.set_state(state[n + n * len(self._goals) :].tolist())
        self._ctrl[self._actuators] = self._acted_upon()

    def _limit_force(self, motors: Motors) -> None:
        """Let each motor give what it can in the coming block."""
        shares, speeds_rad_s = self._forces[self._actuators] / self._force_n_m, self._qvel[self._qvel_at]
        limits = np.array(motors.limits(shares.tolist(), speeds_rad_s.tolist(), BLOCK_S))  # (n, 2)
        self._model.actuator_forcerange[self._actuators] = limits * self._force_n_m[:, None]

    def _rounded(self, angle_rad: Floats) -> Floats:
        """`quantised`, without asking at every reading whether every servo has steps."""
        if self._step_rad is None:
            return quantised(angle_rad, self._steps)
        return np.rint(angle_rad / self._step_rad) * self._step_rad

    def _acted_upon(self) -> Floats | list[float]:
        """Set points as the motors feel them, n of them: the dead band is taken off the error."""
        if not self._has_dead_band:
            return self._set_point
        error = self._set_point - self._qpos[self._qpos_at]
        return self._set_point - np.clip(error, -self._dead_band_rad, self._dead_band_rad)

    def _column(self, field: str) -> Floats:
        return np.array([getattr(config, field) for config in self._configs], dtype=np.float64)


def run_of(indices: Sequence[int]) -> slice | list[int]:
    """Indices to look up in an array; where they follow each other as a slice, which is quicker."""
    first, last = indices[0], indices[-1]
    return slice(first, last + 1) if list(indices) == list(range(first, last + 1)) else list(map(int, indices))
