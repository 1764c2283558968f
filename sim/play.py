"""Play for data collection: chains of random goals pursued by the experts, with noise, bumps and changes of mind.

Writes nothing and renders nothing. `play` yields a `Tick` *before* its action is carried out, so that the consumer
takes its pictures at that moment; the world moves when the iterator is asked for the next item.
After the last tick of a goal comes one `Segment` that says what was wanted and what really happened.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, make_dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, CartesianActions
from robot_wm.errors import ConfigError
from robot_wm.goals import COLOURS, KINDS, MOVABLE_KINDS, SKILLS, TARGET_KINDS, TARGETS_MAX, Task, kind_of, skill_named
from robot_wm.types import ArmCommand, ArmState, Frame, Observation
from sim.expert import Expert
from sim.feasible import feasible_tasks
from sim.judge import Hindsight, Judge
from sim.mishaps import Mishaps, MishapsConfig, nudged
from sim.scene import Scene
from sim.skills import SIMULATED
from sim.snapshot import Snapshot

TICK_S = 0.1


@dataclass(frozen=True)
class Tick:
    """One control tick at 10 Hz, seen before `executed_action` is carried out."""

    task: Task  # what is wanted now
    segment_index: int  # counts the goals of this episode from 0
    state: ArmState  # measured at this tick
    sent: ArmCommand  # the command in force when `state` was measured
    now: Snapshot  # everything on the table
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


_Weights = make_dataclass(  # `reach_weight` and so on: how often play chooses a skill, relative to the others
    "_Weights",
    [(f"{each.skill.name}_weight", float, field(default=each.play_weight)) for each in SIMULATED],
    frozen=True,
)


@dataclass(frozen=True)
class PlayConfig(_Weights):
    """How play mixes goals, noise and accidents. Weights are relative; probabilities are per segment."""

    goals_min: int = 2
    goals_max: int = 4
    others_max: int = 4  # things on the table besides those that the first goal needs
    ticks_max: int = 100  # a goal not reached by then is given up
    abandon_probability: float = 0.08
    nudge_probability: float = 0.12  # an object is bumped somewhere in the segment
    settle_ticks: int = 3  # recorded after the goal was reached
    driven_probability: float = 0.85  # where a driver is given: that it drives the first part of a segment
    driven_ticks: tuple[int, int] = (8, 60)  # how long, before the expert takes over
    mishaps: MishapsConfig = field(default_factory=MishapsConfig)

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
        """How often a skill is chosen, relative to the others."""
        return float(getattr(self, f"{skill}_weight"))


Driver = Callable[[Task, Observation], Callable[[Observation], NDArray[np.float32]]]  # takes up a goal, then acts


def play(
    scene: Scene, rng: np.random.Generator, config: PlayConfig = PlayConfig(), driver: Driver | None = None
) -> Iterator[Tick | Segment]:
    """One episode: reset `scene` to a random table and yield ticks and segments. Same `rng` state, same episode.

    A `driver`, a policy in training say, does the first part of most segments, so that the data hold its own mistakes
    with what the expert would do there (DAgger, Ross et al. 2011).
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
    """What is on the table: what the skill needs, and random others."""
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
    weights = np.array([config.weight(skill) for skill in skills])
    return str(rng.choice(list(skills), p=weights / weights.sum()))


def draw_task(rng: np.random.Generator, config: PlayConfig, tasks: Sequence[Task]) -> Task | None:
    """A skill by its weight, then one of its tasks."""
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
) -> Iterator[Tick]:
    """The ticks of one goal; returns its segment."""
    now = Snapshot.of(scene)
    expert, judge, hindsight = Expert(task, scene), Judge(task, scene, now), Hindsight(now, scene.arm.spec)
    actions, mishaps = CartesianActions(scene.kinematics), Mishaps(config.mishaps, rng)
    given_up = _draw_tick(rng, config.abandon_probability, config.ticks_max)
    bumped = _draw_tick(rng, config.nudge_probability, config.ticks_max)
    handed_over = int(rng.integers(*config.driven_ticks)) if rng.random() < config.driven_probability else 0
    drive = driver(task, _seen(scene)) if driver is not None and handed_over else None
    state = scene.arm.read()
    settled = count = 0
    while count < min(given_up, config.ticks_max) and settled <= config.settle_ticks:
        if count == bumped:
            nudged(scene, rng, task)
            now = Snapshot.of(scene, state)
        sent, wise = scene.arm.sent, expert.act(now)
        if drive is not None and count < handed_over:
            done = np.clip(drive(_seen(scene)), ACTION_LOW, ACTION_HIGH).astype(np.float32)
        else:
            done = wise if settled else mishaps.spoil(wise)
        yield Tick(task, index, state, sent, now, wise, done)
        scene.arm.command(actions.target(done, state, sent))
        scene.advance(TICK_S)
        state = scene.arm.read()
        now = Snapshot.of(scene, state)
        hindsight.update(now)
        settled = settled + 1 if judge.update(now) else 0
        count += 1
    abandoned = count == given_up and not judge.done
    return Segment(task, index, first_tick, first_tick + count, judge.done, abandoned, tuple(hindsight.happened()))


def _seen(scene: Scene) -> Observation:
    frames = {name: Frame(scene.render(name), scene.clock.now_s()) for name in scene.cameras}
    return Observation(frames, scene.arm.read(), scene.arm.sent)


def _draw_tick(rng: np.random.Generator, probability: float, ticks_max: int) -> int:
    """The tick at which something happens within the first part of a segment, or one that never comes."""
    early = int(rng.integers(2, 25))
    return early if rng.random() < probability else ticks_max + 1
