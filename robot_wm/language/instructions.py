"""Instruction files for evaluation, in wordings not trained on: single goals, two goals, refusals, same scene.

`python -m robot_wm.language.instructions configs/instructions` writes the shipped files; the same seed, the same bytes.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from robot_wm.files import write_whole
from robot_wm.goals import COLOURS, DECLARED, NAMES, NOTHING, SKILLS, Task, skill_named
from robot_wm.language.augment import augment
from robot_wm.language.nonsense import refusals
from robot_wm.language.vocabulary import choose
from robot_wm.language.wordings import caption

Line = dict[str, object]
_JOINTS = (
    "{a}, then {b}",
    "{a} and then {b}",
    "{a}. After that, {b}",
    "first {a}, then {b}",
    "{a}; {b}",
    "{a}. Then {b}.",
    "{a}, and then {b}",
    "{a}, after that {b}",
)
_WITH_OBJECT = tuple(skill.name for skill in DECLARED if skill.takes("object"))


def heldout(rng: np.random.Generator, per_skill: int = 60, bad: int = 40) -> Iterator[Line]:
    """Yield every skill in held-out wordings, and some to refuse; scenes are left to the evaluation."""
    for number in range(per_skill * len(SKILLS)):
        task = random_task(SKILLS[number % len(SKILLS)], rng)
        yield {"instruction": _worded(task, rng), "goal": task.to_json()}
    for _ in range(bad):
        yield {"instruction": refusals(rng, "heldout"), "goal": NOTHING.to_json()}


def two_step(rng: np.random.Generator, count: int = 120) -> Iterator[Line]:
    """Yield two goals joined in several ways, on a scene that holds what they need."""
    while count > 0:
        first, second = (random_task(choose(_WITH_OBJECT, rng), rng), random_task(choose(SKILLS, rng), rng))
        if set(first.names) & set(second.names):
            continue
        joint = choose(_JOINTS, rng)
        wordings = [_one_clause(task, rng) for task in (first, second)]
        yield {
            "instruction": joint.format(a=wordings[0], b=wordings[1]),
            "goal": [first.to_json(), second.to_json()],
            "scene": [*first.names, *second.names],
        }
        count -= 1


def to_refuse(rng: np.random.Generator, meaningless: int = 150, missing: int = 90) -> Iterator[Line]:
    """Yield instructions that are impossible anywhere, and some about what is not on the table described."""
    for number in range(meaningless + missing):
        scene = random_scene(rng)
        is_absent = number >= meaningless
        text = _worded(_absent_task(scene, rng), rng) if is_absent else refusals(rng, "heldout")
        yield {"instruction": text, "goal": NOTHING.to_json(), "scene": list(scene)}


def language_following(rng: np.random.Generator, scenes: int = 40, each: int = 4) -> Iterator[Line]:
    """Yield several different instructions for the very same scene (`scene_seed`)."""
    for scene_seed in range(scenes):
        scene = random_scene(rng)
        asked: set[Task] = set()
        while len(asked) < each:
            task = _task_on(scene, rng)
            if task in asked:
                continue
            asked.add(task)
            yield {
                "instruction": _worded(task, rng),
                "goal": task.to_json(),
                "scene": list(scene),
                "scene_seed": scene_seed,
            }


def random_task(skill: str, rng: np.random.Generator) -> Task:
    """Return a task of one skill, by its name, about random things."""
    target = _draw(skill, "target", NAMES, rng)
    direction = _draw(skill, "direction", NAMES, rng)
    while (thing := _draw(skill, "object", NAMES, rng)) is not None and thing == target:
        pass
    return Task(skill, thing, target, direction)


def _draw(skill: str, role: str, things: Sequence[str], rng: np.random.Generator) -> str | None:
    """Draw an argument of a skill among these things; without a draw, None where it has no such argument."""
    choices = skill_named(skill).choices(role, things)
    return choose(choices, rng) if choices else None


def random_scene(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw two movable things, one of them a cube, a pad and a bin, all of different names."""
    cube, other = f"{choose(COLOURS, rng)} cube", choose(NAMES[:12], rng)
    while other == cube:
        other = choose(NAMES[:12], rng)
    return (cube, other, f"{choose(COLOURS, rng)} pad", f"{choose(COLOURS, rng)} bin")


def _task_on(scene: Sequence[str], rng: np.random.Generator) -> Task:
    """Return a task that a scene of `random_scene` allows."""
    skill = choose(_WITH_OBJECT, rng)
    target = next(iter(skill_named(skill).choices("target", scene)), None)
    direction = _draw(skill, "direction", scene, rng)
    thing = _draw(skill, "object", [name for name in scene if name != target], rng)
    return Task(skill, thing, target, direction)


def _absent_task(scene: Sequence[str], rng: np.random.Generator) -> Task:
    """Draw a task that names something a scene does not hold."""
    while True:
        task = random_task(choose(_WITH_OBJECT, rng), rng)
        if not set(task.names) <= set(scene):
            return task


def _worded(task: Task, rng: np.random.Generator) -> str:
    """Draw a held-out wording with typing noise, but without typos (they could change what is asked)."""
    return augment(caption(task, rng, "heldout"), rng, typo_rate=0.0)


def _one_clause(task: Task, rng: np.random.Generator) -> str:
    """Draw a held-out wording that holds no comma or "and" of its own."""
    while True:
        text = caption(task, rng, "heldout")
        if not any(mark in text for mark in (",", " and ", ":", "->")):
            return text


FILES: dict[str, Callable[[np.random.Generator], Iterator[Line]]] = {
    "heldout.jsonl": heldout,
    "two_step.jsonl": two_step,
    "refusals.jsonl": to_refuse,
    "language_following.jsonl": language_following,
}


def write_instructions(folder: Path, seed: int = 7) -> list[Path]:
    """Write every file of FILES into `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, lines) in enumerate(FILES.items()):
        rng = np.random.default_rng((seed, number))
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines(rng))
        write_whole(folder / name, text.encode())
    return [folder / name for name in FILES]


if __name__ == "__main__":
    print("\n".join(str(path) for path in write_instructions(Path(sys.argv[1]))))
