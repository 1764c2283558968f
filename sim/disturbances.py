"""Random disturbances of play: bursts of wrong motion, jitter, random gripper openings, bumped things."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.goals import MOVABLE_KINDS, Task, kind_of
from sim.predicates import on_table, surface_distance_m
from sim.scene import Scene
from sim.thing import Thing

NEAR_M = 0.03  # a thing nearer to the tool than this is not bumped


@dataclass(frozen=True)
class DisturbanceConfig:
    """How often play is disturbed, and how much."""

    clean_probability: float = 0.35  # of a segment without disturbances
    burst_probability: float = 0.035  # that a burst starts at a tick
    burst_ticks_min: int = 3
    burst_ticks_max: int = 8
    flip_probability: float = 0.3  # of a burst in which the gripper goes to a random opening
    jitter_m: float = 0.002  # standard deviation of the noise on dx, dy, dz outside bursts
    jitter_rad: float = 0.02  # likewise on dyaw


class Disturbances:
    """The disturbances of one segment, a tick at a time."""

    def __init__(self, config: DisturbanceConfig, rng: np.random.Generator) -> None:
        self._config = config
        self._rng = rng
        self._clean = bool(rng.random() < config.clean_probability)
        self._left = 0  # ticks of the present burst
        self._motion = np.zeros(4)
        self._opening: float | None = None
        self._scale = np.array([config.jitter_m] * 3 + [config.jitter_rad, 0.0])

    def apply(self, action: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the action (5,) to execute instead of `action`, within the bounds of actions."""
        if self._clean:
            return action
        if self._left == 0 and self._rng.random() < self._config.burst_probability:
            self._begin()
        disturbed = action + self._jitter()
        if self._left > 0:
            self._left -= 1
            disturbed[:4] = self._motion
            disturbed[4] = action[4] if self._opening is None else self._opening
        return np.minimum(np.maximum(disturbed, ACTION_LOW), ACTION_HIGH).astype(np.float32)

    def _begin(self) -> None:
        config, rng = self._config, self._rng
        self._left = int(rng.integers(config.burst_ticks_min, config.burst_ticks_max + 1))
        direction = rng.normal(size=3)
        speed = rng.uniform(0.2, 1.0) * ACTION_HIGH[0]
        self._motion = np.append(direction / np.linalg.norm(direction) * speed, rng.uniform(-0.25, 0.25))
        self._opening = float(rng.random()) if rng.random() < config.flip_probability else None

    def _jitter(self) -> NDArray[np.float32]:
        return (self._rng.normal(size=5) * self._scale).astype(np.float32)


def bump_something(scene: Scene, rng: np.random.Generator, task: Task) -> None:
    """Bump the task's object or another thing towards the middle, if one is clear of the tool."""
    things, tip_m = scene.things(), scene.tool().position_m
    movable = [name for name in things if kind_of(name) in MOVABLE_KINDS and on_table(things[name])]
    free = [name for name in movable if surface_distance_m(tip_m, things[name]) > NEAR_M]
    if not free:
        return
    name = task.object if task.object in free and rng.random() < 0.7 else free[rng.integers(len(free))]
    scene.nudge(str(name), bump_m_s(scene, rng, things[str(name)]))


def bump_m_s(scene: Scene, rng: np.random.Generator, thing: Thing) -> list[float]:
    """Draw the velocity (2,) of a bumped thing: inward, so that it stays within reach."""
    speed, angle = rng.uniform(*scene.config.bump_speed_m_s), rng.uniform(-np.pi, np.pi)
    velocity = speed * np.array([np.cos(angle), np.sin(angle)])
    middle_m = np.array(scene.reach.area.middle_m)
    return (velocity if velocity @ (middle_m - thing.position_m[:2]) > 0.0 else -velocity).tolist()
