"""Play for data collection: chains of random goals pursued by the experts, with noise, bumps and changes of mind.

Writes nothing and renders nothing. `play` yields a `Tick` *before* its action is carried out, so that the consumer
takes its pictures and `scene.table()` at that moment; the world moves when the iterator is asked for the next item.
After the last tick of a goal comes one `Segment` that says what was wanted and what really happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.tasks import Task
from robot_wm.types import ArmCommand, ArmState


@dataclass(frozen=True)
class Tick:
    """One control tick at 10 Hz, seen before `executed_action` is carried out."""

    task: Task  # what is wanted now
    segment_index: int  # counts the goals of this episode from 0
    state: ArmState  # measured at this tick
    sent: ArmCommand  # the command in force when `state` was measured
    expert_action: NDArray[np.float32]  # (5,) what the expert would do here
    executed_action: NDArray[np.float32]  # (5,) what is done: the expert's, or noise; within the action's bounds


@dataclass(frozen=True)
class Segment:
    """One goal from its first tick to its last; comes after its ticks."""

    task: Task
    segment_index: int
    first_tick: int  # index of its first tick within the episode
    end_tick: int  # one past its last
    success: bool  # whether the task's predicate holds at the end
    abandoned: bool  # whether it was given up halfway on purpose
    happened: tuple[Task, ...]  # every task whose predicate came true since `first_tick` and holds at the end


@dataclass(frozen=True)
class PlayConfig:
    """How play mixes goals, noise and accidents. Probabilities are per segment unless a field says otherwise."""

    goals_min: int = 2
    goals_max: int = 4
    ticks_max: int = 120  # a goal not reached by then is given up
    reach_weight: float = 0.6
    push_weight: float = 1.5
    push_to_weight: float = 1.5
    lift_weight: float = 1.0
    place_weight: float = 1.5
    stack_weight: float = 1.5
    home_weight: float = 0.3
    abandon_probability: float = 0.1
    burst_probability: float = 0.03  # per tick: a burst of wrong motion starts
    jitter_m: float = 0.002  # standard deviation of the noise on dx, dy, dz outside bursts
    nudge_probability: float = 0.1  # an object is bumped somewhere in the segment
    settle_ticks: int = 3  # ticks recorded after the goal was reached


def play(scene: "Scene", rng: np.random.Generator, config: PlayConfig = PlayConfig()) -> Iterator[Tick | Segment]:
    """One episode: reset `scene` to a random table and yield ticks and segments. Same `rng` state, same episode."""
    raise NotImplementedError
