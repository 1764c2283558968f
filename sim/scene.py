"""A table with a random handful of things, an arm, two cameras and a clock: one compiled MuJoCo model for all episodes.

The base frame's origin is the arm's base; the table's top is z = 0. An engine (`sim.engine`) simulates and renders it:
MuJoCo, unless another is passed in. Knows no goals.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import MOVABLE_KINDS, kind_of
from robot_wm.kinematics import Kinematics, ToolPose
from robot_wm.types import Floats
from sim.arm_checks import checked_description
from sim.build import CAMERAS, compile_scene
from sim.cameras import MujocoCamera
from sim.engine import MakeEngine, MujocoEngine
from sim.hand import measure_hand
from sim.layout import Placement, checked_names, draw_names, draw_placements
from sim.mujoco_arm import MujocoArm, SimClock
from sim.pool import Pool
from sim.randomise import CameraJitter, draw_material, draw_trim, vary_light
from sim.reach import Reach, figures_of
from sim.scene_config import SceneConfig
from sim.servo import BACKLASH, BLOCK_S, STEP_S, as_slice
from sim.thing import Thing, half_rise_m, side_angle_rad, table_of

__all__ = ["CAMERAS", "Scene", "SceneConfig", "Thing", "table_of"]

PORTRAIT_PX = 512
_SETTLE_S = 0.2
_MJ_STATE = mujoco.mjtState.mjSTATE_INTEGRATION


@dataclass(frozen=True)
class _Slot:
    """Where a thing is in the model."""

    placement: Placement
    kind: str
    body: int
    dof: int  # index into qvel of a movable thing's first speed


class Scene:
    """The simulated world. Call `reset` first; after it the arm is connected and at rest.

    Keeps views of MuJoCo's arrays, because creating one costs more than reading it.

    Args:
        config: The table and the arm.
        make_engine: The simulator.

    Raises:
        ConfigError: The arm cannot be used on this table; the message says what to change.
        UnknownNameError: A name in the arm's configuration is not in its model.
    """

    def __init__(self, config: SceneConfig, make_engine: MakeEngine = MujocoEngine) -> None:
        self.config = config
        self._model = compile_scene(config)
        self._data = mujoco.MjData(self._model)
        self._engine = make_engine(self._model, self._data)
        self._pool = Pool(self._model, self._data)
        self._camera_jitter = CameraJitter(self._model)
        self._painter = self._engine.painter()
        self._portrait_painter = self._engine.painter(PORTRAIT_PX)
        self._slots: dict[str, _Slot] = {}  # by name
        self._camera_ids = as_slice([self._model.camera(camera.name).id for camera in CAMERAS])
        self._eyes, self._views = self._data.cam_xpos, self._data.cam_xmat
        self._positions, self._turns, self._qvel = self._data.xpos, self._data.xmat, self._data.qvel
        self.arm = MujocoArm(config.arm, self._model, self._data)
        self.description = checked_description(config.arm, self._model, self.kinematics, self.arm.gripper)
        figures = figures_of(config.arm.mjcf)
        self.hand = figures.hand or measure_hand(config.arm, self._model, self.arm.gripper)
        self.reach = Reach(self.kinematics, self.description, figures.area)
        self._qpos = self._data.qpos
        self._arm_qpos = as_slice(self._addresses(config.arm.joint_names))
        loose = [name + BACKLASH for name in config.arm.joint_names] if config.arm.servo.backlash_rad > 0.0 else []
        self._play_qpos = as_slice(self._addresses(loose)) if loose else None
        self.clock = SimClock(self._data, self.advance)
        self.cameras: Mapping[str, MujocoCamera] = {
            spec.name: MujocoCamera(spec, self._model.camera(spec.name).id, self._painter, self._data)
            for spec in CAMERAS
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the things on the table."""
        return tuple(self._slots)

    @property
    def model(self) -> mujoco.MjModel:
        """The compiled model."""
        return self._model

    @property
    def data(self) -> mujoco.MjData:
        """The state of the model."""
        return self._data

    @property
    def kinematics(self) -> Kinematics:
        """The arm's kinematics."""
        return self.arm.kinematics

    def reset(self, seed: int, names: Sequence[str] | None = None) -> None:
        """Reset to a random table, the same for the same seed. Time starts at 0.

        Args:
            seed: The random seed.
            names: Exactly the things on the table; None draws them.

        Raises:
            UnknownNameError: A name is no thing's.
            ConfigError: The things cannot be on a table together.
        """
        chance = [np.random.default_rng([seed, stream]) for stream in range(3)]  # table, looks, servos
        chosen = draw_names(chance[0], self.config) if names is None else checked_names(names)
        placements = draw_placements(chance[0], self.config, chosen, self.reach.area)
        mujoco.mj_resetData(self._model, self._data)
        self._furnish(placements, chance[1])
        vary_light(chance[1], self.config, self._model)
        self._camera_jitter.vary(chance[1], self.config)
        self.arm.close()
        self.arm.servos.trim(draw_trim(chance[2], self.config))
        self._rest()
        self.arm.connect()

    def things(self) -> dict[str, Thing]:
        """Return everything on the table, as it is now."""
        return {name: self._thing(slot) for name, slot in self._slots.items()}

    def table(self) -> NDArray[np.float32]:
        """Return `table_of` everything on the table, as it is now."""
        return table_of(self.things())

    def camera_poses(self) -> NDArray[np.float32]:
        """Return float32 (2, 12), a row for each camera: position, m, and rotation (right, up, back), base frame."""
        poses = np.empty((len(CAMERAS), 12), dtype=np.float32)
        poses[:, :3], poses[:, 3:] = self._eyes[self._camera_ids], self._views[self._camera_ids]
        return poses

    def tool(self) -> ToolPose:
        """Return the true pose of the tool."""
        return self.arm.kinematics.forward(self._true_q_rad())

    def tool_m(self) -> Floats:
        """Return the true position of the tool point, (3,) m."""
        return self.arm.kinematics.position(self._true_q_rad())

    def _true_q_rad(self) -> Floats:
        """Return the arm's joint angles (n,), including backlash."""
        q_rad = self._qpos[self._arm_qpos]
        return q_rad if self._play_qpos is None else q_rad + self._qpos[self._play_qpos]

    def advance(self, seconds: float) -> None:
        """Run the physics for `seconds`, rounded to blocks of 20 ms.

        Raises:
            DeviceError: The physics became unstable.
        """
        for _ in range(round(seconds / BLOCK_S)):
            self.arm.servos.before_block()
            self._engine.step(round(BLOCK_S / STEP_S))
        self._engine.check()

    def render(self, camera_name: str) -> NDArray[np.uint8]:
        """Return what a camera sees now, uint8 RGB (h, w, 3).

        Raises:
            UnknownNameError: There is no such camera.
            MissingDependencyError: There is no OpenGL library.
        """
        if camera_name not in self.cameras:
            raise UnknownNameError("camera", camera_name, self.cameras)
        return self.cameras[camera_name].picture()

    def portrait(self) -> NDArray[np.uint8]:
        """Return what the overview camera sees, larger, uint8 RGB (PORTRAIT_PX, PORTRAIT_PX, 3)."""
        return self._portrait_painter.picture(self._model.camera("overview").id, PORTRAIT_PX, PORTRAIT_PX)

    def nudge(self, name: str, velocity_m_s: Sequence[float]) -> None:
        """Bump a movable thing: give it a velocity (x, y), m/s.

        Raises:
            UnknownNameError: There is no such movable thing on the table.
        """
        if kind_of(name) not in MOVABLE_KINDS or name not in self._slots:
            movable = [each for each in self._slots if kind_of(each) in MOVABLE_KINDS]
            raise UnknownNameError("movable thing", name, movable)
        address = self._slots[name].dof
        self._data.qvel[address : address + 2] = velocity_m_s

    def state(self) -> Floats:
        """Return the state for `set_state` of a scene that was reset with the same seed and names, a flat array."""
        physics = np.empty(mujoco.mj_stateSize(self._model, _MJ_STATE))
        mujoco.mj_getState(self._model, self._data, physics, _MJ_STATE)
        return np.concatenate([physics, self.arm.servos.state()])

    def set_state(self, state: Floats) -> None:
        """Restore a state.

        Raises:
            ConfigError: It has another shape than this scene's states.
        """
        size = mujoco.mj_stateSize(self._model, _MJ_STATE)
        expected = size + len(self.arm.servos.state())
        if state.shape != (expected,):
            raise ConfigError(
                f"a state of this scene has shape ({expected},), received {state.shape}; take it from state()"
            )
        mujoco.mj_setState(self._model, self._data, state[:size], _MJ_STATE)
        self.arm.servos.set_state(state[size:])
        mujoco.mj_forward(self._model, self._data)

    def close(self) -> None:
        """Release the arm, the OpenGL contexts and the engine."""
        self.arm.close()
        self._painter.close()
        self._portrait_painter.close()
        self._engine.close()

    def _furnish(self, placements: Sequence[Placement], rng: np.random.Generator) -> None:
        self._pool.clear()
        self._slots = {}
        used = {"movable": 0, "pad": 0, "bin": 0}
        for placement in placements:
            family = placement.kind if placement.kind in used else "movable"
            slot, used[family] = used[family], used[family] + 1
            self._pool.put(slot, placement, draw_material(rng, self.config, placement.name))
            body = self._model.body(f"{family}{slot}").id
            dof = int(self._model.body_dofadr[body])
            self._slots[placement.name] = _Slot(placement, placement.kind, body, dof)

    def _rest(self) -> None:
        """Put the arm at rest and let it and the things settle."""
        arm = self.config.arm
        joints = np.array([*arm.q_rest_rad, *self.arm.gripper.angles_rad(arm.gripper_rest)])
        self._qpos[self._addresses(arm.all_joints)] = joints
        _refresh_constants(self._model, self._data)
        self.arm.servos.hold(joints)
        self._engine.begin()
        self.advance(_SETTLE_S)
        self._data.time = 0.0

    def _addresses(self, joint_names: Sequence[str]) -> list[int]:
        """Return the indices of joints into qpos."""
        return [int(self._model.joint(name).qposadr[0]) for name in joint_names]

    def _thing(self, slot: _Slot) -> Thing:
        position, speed, yaw = self._positions[slot.body].copy(), 0.0, 0.0
        half, tall = slot.placement.half_width_m, slot.placement.half_height_m
        turn, rise = self._turns[slot.body].tolist(), tall
        if slot.kind == "bin":
            position[2] += tall
        elif slot.kind != "pad":
            speed = math.hypot(*self._qvel[slot.dof : slot.dof + 3].tolist())
            rise = half_rise_m(turn[6:], half, tall, slot.kind == "cylinder")
        if slot.kind != "cylinder":
            yaw = side_angle_rad(turn)
        return Thing(position, yaw, half, tall, rise, speed)


def _refresh_constants(model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Recompute what MuJoCo derives from masses and sizes, and keep the pose."""
    qpos, extent = data.qpos.copy(), model.stat.extent
    mujoco.mj_setConst(model, data)
    data.qpos[:] = qpos
    model.stat.extent = extent
