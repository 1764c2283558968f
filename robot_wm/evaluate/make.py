"""Makes instructions files: `python -m robot_wm.evaluate.make OUT.jsonl --kind refusals`.

Everything is worded in the held-out split, which no training sees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import tyro

from robot_wm.evaluate.instructions import Line, made_lines, random_task, write_lines
from robot_wm.language.nonsense import refusals
from robot_wm.language.wordings import caption
from robot_wm.tasks import NAMES, SKILLS, Task

_JOINTS = (", then {}", " and then {}", ". After that, {}", ", and {}", ". {}")
_NOTHING = (Task("none"),)


@dataclass(frozen=True)
class Make:
    """Write an instructions file for `robot-wm eval --instructions`."""

    out: tyro.conf.Positional[Path]
    kind: Literal["skills", "pairs", "refusals"] = "skills"  # one goal each, two in order, or none that can be done
    number: int = 200
    seed: int = 0


def lines_of(kind: str, number: int, seed: int) -> list[Line]:
    """`number` lines of a kind; the same seed makes the same lines."""
    rng = np.random.default_rng([seed, 4])
    if kind == "skills":
        return made_lines(number, rng)
    makers: Mapping[str, Callable[[int, np.random.Generator], Line]] = {"pairs": _pair, "refusals": _refusal}
    return [makers[kind](index, rng) for index in range(number)]


def _pair(index: int, rng: np.random.Generator) -> Line:
    """Two goals about different things, so that the first does not stand in the second one's way."""
    movers = [skill for skill in SKILLS if skill != "home"]
    first = random_task(movers[index % len(movers)], rng)
    second = random_task(SKILLS[int(rng.integers(len(SKILLS)))], rng)
    while set(first.names) & set(second.names):
        second = random_task(second.skill, rng)
    joint = _JOINTS[int(rng.integers(len(_JOINTS)))]
    words = [caption(task, rng, split="heldout") for task in (first, second)]
    return Line(words[0] + joint.format(words[1]), (first, second))


def _refusal(index: int, rng: np.random.Generator) -> Line:
    """By turns what nothing could satisfy, and a good instruction about what is not on the table."""
    if index % 2 == 0:
        return Line(refusals(rng, "heldout"), _NOTHING)
    task = random_task([skill for skill in SKILLS if skill != "home"][index // 2 % 6], rng)
    missing = task.names[int(rng.integers(len(task.names)))]
    there = [name for name in task.names if name != missing]
    others = [
        str(name) for name in rng.permutation(NAMES) if name not in task.names and name.split()[0] != missing.split()[0]
    ]
    return Line(caption(task, rng, split="heldout"), _NOTHING, (*there, *others[: 4 - len(there)]))


if __name__ == "__main__":
    settings = tyro.cli(Make, prog="make")
    write_lines(settings.out, lines_of(settings.kind, settings.number, settings.seed))
