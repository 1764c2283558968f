"""The table as a Gymnasium environment: a random feasible goal each episode, reward 1 when it is reached.

Observations: both pictures, the arm's state (`robot_wm.proprioception`) and the goal as bits. Actions are those of
`robot_wm.action_space`. `register()` registers it with Gymnasium:

    register()
    env = gymnasium.make("robot_wm/Tabletop-v0")
"""

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, CartesianActions
from robot_wm.errors import ConfigError
from robot_wm.goals import DIRECTIONS, NAMES, NOTHING, SKILLS, Task
from robot_wm.proprioception import state_names, state_vector
from sim.feasible import feasible_tasks
from sim.judge import Judge
from sim.play import PlayConfig, draw_names, draw_skill, draw_task
from sim.scene import CAMERAS, Scene
from sim.scene_config import load_scene_config
from sim.snapshot import Snapshot

ENV_ID = "robot_wm/Tabletop-v0"
TICKS_MAX = 120
TABLES_MAX = 50  # drawn for one episode before giving up
TICK_S = 0.1
STATE_BOUND = 10.0  # metres, radians and radians a second stay well within
GOAL_BITS = len(SKILLS) + 2 * len(NAMES) + len(DIRECTIONS)  # 59

Pictures = dict[str, Any]  # arrays, by the names of the observation space


def register() -> None:
    """Register `robot_wm/Tabletop-v0` with Gymnasium; idempotent."""
    if ENV_ID not in gymnasium.registry:
        gymnasium.register(ENV_ID, entry_point="sim.gym_env:TabletopEnv", max_episode_steps=TICKS_MAX)


def goal_bits(task: Task) -> NDArray[np.int8]:
    """Return int8 (59,): one-hot skill, object, target and direction; zeros for arguments that a task lacks."""
    parts = ((SKILLS, task.skill), (NAMES, task.object), (NAMES, task.target), (tuple(DIRECTIONS), task.direction))
    return np.array([word == said for words, said in parts for word in words], dtype=np.int8)


class TabletopEnv(gymnasium.Env[Pictures, NDArray[np.float32]]):
    """One arm, one table, one goal an episode; `info["task"]` has the goal in words, `info["success"]` the verdict."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, scene: str = "tabletop", arm: str | None = None, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.scene = Scene(load_scene_config(scene, arm))
        self._actions = CartesianActions(self.scene.kinematics)
        self._play = PlayConfig()
        self.task = NOTHING  # of the present episode
        self._judge: Judge | None = None
        self.action_space = spaces.Box(ACTION_LOW.astype(np.float32), ACTION_HIGH.astype(np.float32), dtype=np.float32)
        pictures = {each.name: spaces.Box(0, 255, (each.height, each.width, 3), np.uint8) for each in CAMERAS}
        size = len(state_names(self.scene.arm.spec.n_joints))
        state = spaces.Box(-STATE_BOUND, STATE_BOUND, (size,), np.float32)
        self.observation_space = spaces.Dict({**pictures, "state": state, "goal": spaces.MultiBinary(GOAL_BITS)})

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Pictures, dict[str, Any]]:
        """Reset to a random table and goal, the same for the same seed."""
        super().reset(seed=seed)
        self.task = self._draw_goal()
        self._judge = Judge(self.task, self.scene)
        return self._observation(), self._info(success=False)

    def step(self, action: NDArray[np.float32]) -> tuple[Pictures, float, bool, bool, dict[str, Any]]:
        """Advance by one control tick of 0.1 s. The episode ends when the goal is reached."""
        assert self._judge is not None, "reset before the first step"
        arm = self.scene.arm
        arm.command(self._actions.target(action, arm.read(), arm.sent))
        self.scene.advance(TICK_S)
        done = self._judge.update()
        return self._observation(), float(done), done, False, self._info(done)

    def render(self) -> NDArray[np.uint8] | None:  # type: ignore[override]
        """Return a larger picture for people, uint8 (h, w, 3), in render mode "rgb_array"."""
        return self.scene.portrait() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the simulation; idempotent."""
        self.scene.close()

    def _draw_goal(self) -> Task:
        rng, scene = self.np_random, self.scene
        for _ in range(TABLES_MAX):
            skill = draw_skill(rng, self._play, SKILLS)
            scene.reset(int(rng.integers(2**31)), draw_names(rng, skill, self._play, scene.config.things_max))
            task = draw_task(
                rng, self._play, feasible_tasks(Snapshot.of(scene), scene.arm.spec, scene.reach, scene.hand)
            )
            if task is not None:
                return task
        raise ConfigError(
            f"arm {scene.arm.spec.name!r} has nothing to do on any of {TABLES_MAX} tables of scene "
            f"{scene.config.name!r}; take a scene whose things are within its reach"
        )

    def _observation(self) -> Pictures:
        scene = self.scene
        pictures = {each.name: scene.render(each.name) for each in CAMERAS}
        state = state_vector(scene.arm.read(), scene.arm.sent, scene.kinematics)
        return {**pictures, "state": state, "goal": goal_bits(self.task)}

    def _info(self, success: bool) -> dict[str, Any]:
        return {"task": self.task.words(), "success": success}
