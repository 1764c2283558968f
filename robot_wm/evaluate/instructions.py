"""Instructions with the goals that they are scored by: read from a file, or made from wordings never trained on.

An instructions file has one JSON object a line: `{"instruction": "...", "goal": {...} or [{...}, ...]}`, with an
optional `"scene": ["red cube", ...]` that says what is on the table. `robot_wm.language.instructions` makes such files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot_wm.errors import ConfigError, RobotWMError, UnknownNameError
from robot_wm.goals import NAMES, SKILLS, Task, goals_from_json
from robot_wm.language.instructions import random_task
from robot_wm.language.wordings import caption

_KEYS = ("instruction", "goal", "scene", "scene_seed")


@dataclass(frozen=True)
class Line:
    """One instruction and what it asks for."""

    instruction: str
    goals: tuple[Task, ...]  # reached in order; a single refusal means: move nothing
    scene: tuple[str, ...] | None = None  # what is on the table; None leaves it to the seed
    scene_seed: int | None = None  # neighbouring lines with the same one, and the same scene, share a table

    @property
    def names(self) -> tuple[str, ...]:
        """The things that its goals need, each once."""
        return tuple(dict.fromkeys(name for goal in self.goals for name in goal.names))

    @property
    def is_refusal(self) -> bool:
        """Whether it asks that the instruction be refused and nothing moved."""
        return self.goals[0].is_refusal

    @property
    def kind(self) -> str:
        """What it is counted under: its skill, or "multi-step"."""
        return self.goals[0].skill if len(self.goals) == 1 else "multi-step"

    def to_json(self) -> dict[str, object]:
        """The form that a file holds."""
        goals = [goal.to_json() for goal in self.goals]
        line: dict[str, object] = {"instruction": self.instruction, "goal": goals[0] if len(goals) == 1 else goals}
        line |= {} if self.scene is None else {"scene": list(self.scene)}
        return line | ({} if self.scene_seed is None else {"scene_seed": self.scene_seed})


def read_lines(path: Path) -> list[Line]:
    """The lines of an instructions file. Raises ConfigError, which names the line, where one cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the instructions file {path}: {error}; give a JSON-lines file") from error
    lines = [_read_line(path, number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    if not lines:
        raise ConfigError(f'{path} holds no instruction; write lines like {{"instruction": "...", "goal": {{...}}}}')
    return lines


def _read_line(path: Path, number: int, row: str) -> Line:
    try:
        return line_from_json(json.loads(row))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}, line {number}: not JSON ({error}); write one JSON object a line") from error
    except RobotWMError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error


def line_from_json(value: object) -> Line:
    """Read one line's object. Raises ConfigError or UnknownNameError."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"expected an object with the keys {', '.join(_KEYS)}; received {value!r}")
    for key in value:
        if key not in _KEYS:
            raise UnknownNameError("key", str(key), _KEYS)
    for key in ("instruction", "goal"):
        if key not in value:
            raise ConfigError(f"the key {key!r} is missing; an instruction has the keys {', '.join(_KEYS)}")
    if not isinstance(value["instruction"], str):
        raise ConfigError(f"'instruction' must be text, received {value['instruction']!r}")
    scene_seed = value.get("scene_seed")
    if scene_seed is not None and type(scene_seed) is not int:
        raise ConfigError(f"'scene_seed' must be a whole number, received {scene_seed!r}")
    line = Line(value["instruction"], goals_from_json(value["goal"]), _scene(value.get("scene")), scene_seed)
    missing = [name for name in line.names if line.scene is not None and name not in line.scene]
    if missing:
        raise ConfigError(f"the goal is about {', '.join(missing)}, which 'scene' lacks; add it there")
    return line


def _scene(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ConfigError(f"'scene' must be a list of names like \"red cube\", received {value!r}")
    for name in value:
        if name not in NAMES:
            raise UnknownNameError("thing in 'scene'", str(name), NAMES)
        if value.count(name) > 1:
            raise ConfigError(f"'scene' has {name!r} more than once; each name is one thing")
    return tuple(value)


def made_lines(number: int, rng: np.random.Generator, skills: Sequence[str] = SKILLS) -> list[Line]:
    """`number` instructions in held-out wordings, going round `skills`, about random things."""
    tasks = [random_task(skills[index % len(skills)], rng) for index in range(number)]
    return [Line(caption(task, rng, split="heldout"), (task,)) for task in tasks]
