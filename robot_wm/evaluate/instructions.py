"""Instructions with the goals they are scored by: read from a file, or generated with held-out wordings.

An instructions file has one JSON object per line, `{"instruction": "...", "goal": {...} or [{...}, ...]}`, with an
optional `"scene": ["red cube", ...]` that lists the objects. `robot_wm.language.instructions` generates such files.
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
    """One instruction and its goals."""

    instruction: str
    goals: tuple[Task, ...]  # in order; a single refusal means that nothing may be moved
    scene: tuple[str, ...] | None = None  # objects on the table; None draws them from the seed
    scene_seed: int | None = None  # adjacent lines with equal scene_seed and scene share a table

    @property
    def names(self) -> tuple[str, ...]:
        """Objects that the goals need, without duplicates."""
        return tuple(dict.fromkeys(name for goal in self.goals for name in goal.names))

    @property
    def is_refusal(self) -> bool:
        """True if the instruction should be refused."""
        return self.goals[0].is_refusal

    @property
    def kind(self) -> str:
        """Category in the results: the skill, or "multi-step"."""
        return self.goals[0].skill if len(self.goals) == 1 else "multi-step"

    def to_json(self) -> dict[str, object]:
        """Return the JSON object of a file's line."""
        goals = [goal.to_json() for goal in self.goals]
        line: dict[str, object] = {"instruction": self.instruction, "goal": goals[0] if len(goals) == 1 else goals}
        line |= {} if self.scene is None else {"scene": list(self.scene)}
        return line | ({} if self.scene_seed is None else {"scene_seed": self.scene_seed})


def read_lines(path: Path) -> list[Line]:
    """Read an instructions file. Raises ConfigError, with the line number, for an invalid line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the instructions file {path}: {error}; give a JSON-lines file") from error
    lines = [_read_line(path, number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    if not lines:
        raise ConfigError(
            f'{path} contains no instructions; write lines like {{"instruction": "...", "goal": {{...}}}}'
        )
    return lines


def _read_line(path: Path, number: int, row: str) -> Line:
    try:
        return line_from_json(json.loads(row))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}, line {number}: not JSON ({error}); write one JSON object per line") from error
    except RobotWMError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error


def line_from_json(value: object) -> Line:
    """Convert the JSON object of one line. Raises ConfigError or UnknownNameError."""
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
        raise ConfigError(f"the goal needs {', '.join(missing)}, which 'scene' lacks; add it to 'scene'")
    return line


def _scene(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ConfigError(f"'scene' must be a list of names like \"red cube\", received {value!r}")
    for name in value:
        if name not in NAMES:
            raise UnknownNameError("object in 'scene'", str(name), NAMES)
        if value.count(name) > 1:
            raise ConfigError(f"'scene' lists {name!r} more than once; name each object once")
    return tuple(value)


def made_lines(number: int, rng: np.random.Generator, skills: Sequence[str] = SKILLS) -> list[Line]:
    """Generate `number` instructions in held-out wordings, cycling through `skills`, about random objects."""
    tasks = [random_task(skills[index % len(skills)], rng) for index in range(number)]
    return [Line(caption(task, rng, split="heldout"), (task,)) for task in tasks]
