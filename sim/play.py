"""Play for data collection: the experts pursue chains of random goals, with noise, bumps and abandoned goals.

Writes nothing and renders nothing. `play` yields a `Tick` *before* its action is executed, so that the consumer can
render that moment; the world advances when the next item is requested. A `Segment` follows the last tick of each goal
and holds the goal and what really happened.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, make_dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, CartesianActions
from robot_wm.errors import ConfigError
from robot_wm.goals import COLOURS, KINDS, MOVABLE_KINDS, SKILLS, TARGET_KINDS, TARGETS_MAX, Task, kind_of, skill_named
from robot_wm.types import ArmCommand, ArmState, Frame, Observation
from sim.disturbances import DisturbanceConfig, Disturbances, bump_something
from sim.expert import Expert
from sim.feasible import feasible_tasks
from sim.judge import Hindsight, Judge
from sim.scene import Scene
from sim.skills import SIMULATED
from sim.snapshot import Snapshot

TICK_S = 0.1


@dataclass(frozen=True)
class Tick:
    """One control tick at 10 Hz, before `executed_action` is executed."""

    task: Task  # the present goal
    segment_index: int  # of the goal within the episode
    state: ArmState  # measured at this tick
    sent: ArmCommand  # the command in force when `state` was measured
    now: Snapshot  # everything on the table
    expert_action: NDArray[np.float32]  # (5,) the expert's
    executed_action: NDArray[np.float32]  # (5,) the expert's, a disturbed one or the driver's; within bounds


@dataclass(frozen=True)
class Segment:
    """One goal from its first tick to its last; yielded after its ticks."""

    task: Task
    segment_index: int
    first_tick: int  # index of its first tick within the episode
    end_tick: int  # one past its last
    success: bool  # whether the goal is reached at the end
    abandoned: bool  # whether it was abandoned on purpose
    happened: tuple[Task, ...]  # every task that came true since `first_tick` and is reached at the end


_Weights = make_dataclass(  # `reach_weight` and so on: how often play chooses a skill, relative to the others
    "_Weights",
    [(f"{each.skill.name}_weight", float, field(default=each.play_weight)) for each in SIMULATED],
    frozen=True,
)


@dataclass(frozen=True)
class PlayConfig(_Weights):
    """How play mixes goals and disturbances. Weights are relative; probabilities are per segment.

    Raises:
        ConfigError: A weight or a limit is out of range.
    """

    goals_min: int = 2
    goals_max: int = 4
    others_max: int = 4  # things on the table besides those that the first goal needs
    ticks_max: int = 100  # a goal that is not reached by then ends
    abandon_probability: float = 0.08
    nudge_probability: float = 0.12  # that an object is bumped in the segment
    settle_ticks: int = 3  # recorded after the goal was reached
    driven_probability: float = 0.85  # that a driver, if any, drives the first part of a segment
    driven_ticks: tuple[int, int] = (8, 60)  # length of that part
    mishaps: DisturbanceConfig = field(default_factory=DisturbanceConfig)  # the key in configuration files

    def __post_init__(self) -> None:
        weights = [self.weight(skill) for skill in SKILLS]
        if min(weights) < 0.0 or not sum(weights) > 0.0:
            raise ConfigError(f"the weights of play must be 0 or more, and one of them above 0, received {weights}")
        if not 1 <= self.goals_min <= self.goals_max or self.ticks_max < 1 or self.others_max < 0:
            raise ConfigError(
                "play needs 1 <= goals_min <= goals_max, ticks_max of 1 or more and others_max of 0 or more, received "
                f"{self.goals_min}, {self.goals_max}, {self.ticks_max} and {self.others_max}"
            )

    def weight(self, skill: str) -> float:
        """Return how often a skill is chosen, relative to the others."""
        return float(getattr(self, f"{skill}_weight"))


Driver = Callable[[Task, Observation], Callable[[Observation], NDArray[np.float32]]]  # goal, observation -> policy


def play(
    scene: Scene, rng: np.random.Generator, config: PlayConfig = PlayConfig(), driver: Driver | None = None
) -> Iterator[Tick | Segment]:
    """Reset a scene to a random table and yield the ticks and segments of one episode.

    Args:
        scene: The scene to play in.
        rng: The random generator; the same state gives the same episode.
        config: Goals and disturbances.
        driver: A policy, in training say, for the first part of most segments, so that the data hold its own mistakes
            with the expert's corrections (DAgger, Ross et al. 2011).
    """
    skill: str | None = draw_skill(rng, config, SKILLS)  # of the first goal, so that each gets its share
    scene.reset(int(rng.integers(2**31)), draw_names(rng, skill, config, scene.config.things_max))
    goals, tick = int(rng.integers(config.goals_min, config.goals_max + 1)), 0
    for index in range(goals):
        tasks = feasible_tasks(Snapshot.of(scene), scene.arm.spec, scene.reach, scene.hand)
        task = draw_task(rng, config, [each for each in tasks if each.skill == skill] or tasks)
        if task is None:
            return
        segment = yield from _pursue(scene, rng, config, task, index, tick, driver)
        tick, skill = segment.end_tick, None
        yield segment


def draw_names(rng: np.random.Generator, skill: str, config: PlayConfig, things_max: int) -> tuple[str, ...]:
    """Draw the things on the table: those that the skill needs, and random others."""
    target_kinds = () if skill is None else skill_named(skill).kinds("target")
    names = [_draw_name(rng, MOVABLE_KINDS)]
    kinds = ([target_kinds] if target_kinds else []) + [KINDS] * int(rng.integers(0, config.others_max + 1))
    for choice in kinds:
        name = _draw_name(rng, choice)
        targets = [kind_of(each) for each in names if kind_of(each) in TARGET_KINDS]
        crowded = kind_of(name) in TARGET_KINDS and (len(targets) >= TARGETS_MAX or targets.count(kind_of(name)) >= 2)
        if name not in names and not crowded and len(names) < things_max:
            names.append(name)
    return tuple(names)


def _draw_name(rng: np.random.Generator, kinds: Sequence[str]) -> str:
    return f"{COLOURS[rng.integers(len(COLOURS))]} {kinds[int(rng.integers(len(kinds)))]}"


def draw_skill(rng: np.random.Generator, config: PlayConfig, skills: Sequence[str]) -> str:
    """Draw one of `skills` by its weight."""
    weights = np.array([config.weight(skill) for skill in skills])
    return str(rng.choice(list(skills), p=weights / weights.sum()))


def draw_task(rng: np.random.Generator, config: PlayConfig, tasks: Sequence[Task]) -> Task | None:
    """Draw a skill by its weight, then one of its tasks; None where there is no task."""
    skills = sorted({task.skill for task in tasks if config.weight(task.skill) > 0.0})
    if not skills:
        return None
    skill = draw_skill(rng, config, skills)
    choices = [task for task in tasks if task.skill == skill]
    return choices[rng.integers(len(choices))]


def _pursue(
    scene: Scene,
    rng: np.random.Generator,
    config: PlayConfig,
    task: Task,
    index: int,
    first_tick: int,
    driver: Driver | None,
) -> Generator[Tick, None, Segment]:
    """Yield the ticks of one goal and return its segment."""
    now = Snapshot.of(scene)
    expert, judge, hindsight = Expert(task, scene), Judge(task, scene, now), Hindsight(now, scene.arm.spec)
    actions, disturbances = CartesianActions(scene.kinematics), Disturbances(config.mishaps, rng)
    abandon_at = _draw_tick(rng, config.abandon_probability, config.ticks_max)
    bump_at = _draw_tick(rng, config.nudge_probability, config.ticks_max)
    hand_over_at = int(rng.integers(*config.driven_ticks)) if rng.random() < config.driven_probability else 0
    drive = driver(task, _observed(scene)) if driver is not None and hand_over_at else None
    state = scene.arm.read()
    settled = count = 0
    while count < min(abandon_at, config.ticks_max) and settled <= config.settle_ticks:
        if count == bump_at:
            bump_something(scene, rng, task)
            now = Snapshot.of(scene, state)
        sent, expert_action = scene.arm.sent, expert.act(now)
        if drive is not None and count < hand_over_at:
            executed = np.clip(drive(_observed(scene)), ACTION_LOW, ACTION_HIGH).astype(np.float32)
        else:
            executed = expert_action if settled else disturbances.apply(expert_action)
        yield Tick(task, index, state, sent, now, expert_action, executed)
        scene.arm.command(actions.target(executed, state, sent))
        scene.advance(TICK_S)
        state = scene.arm.read()
        now = Snapshot.of(scene, state)
        hindsight.update(now)
        settled = settled + 1 if judge.update(now) else 0
        count += 1
    abandoned = count == abandon_at and not judge.done
    return Segment(task, index, first_tick, first_tick + count, judge.done, abandoned, tuple(hindsight.happened()))


def _observed(scene: Scene) -> Observation:
    frames = {name: Frame(scene.render(name), scene.clock.now_s()) for name in scene.cameras}
    return Observation(frames, scene.arm.read(), scene.arm.sent)


def _draw_tick(rng: np.random.Generator, probability: float, ticks_max: int) -> int:
    """Draw the tick of an event in the first part of a segment; beyond `ticks_max` where there is none."""
    early = int(rng.integers(2, 25))
    return early if rng.random() < probability else ticks_max + 1
