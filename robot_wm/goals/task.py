"""A goal: a skill and its arguments, with the JSON form that instructions files, logs and the command line share.

Knows nothing of geometry or of any simulator.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals.skill import Skill
from robot_wm.goals.skills import HOME, NONE, SKILLS, skill_named

_ROLES = ("object", "target", "direction")


@dataclass(frozen=True)
class Task:
    """One goal. Raises UnknownNameError or ConfigError where the arguments are not what the skill takes."""

    skill: str  # name of a declared skill
    object: str | None = None
    target: str | None = None
    direction: str | None = None

    def __post_init__(self) -> None:
        skill_named(self.skill).check(self.arguments)
        if self.object is not None and self.object == self.target:
            raise ConfigError(f"object and target are both {self.object!r}; name two different things")

    @property
    def declaration(self) -> Skill:
        """The declared skill."""
        return skill_named(self.skill)

    @property
    def arguments(self) -> dict[str, str | None]:
        """Every role with its value, None where there is none."""
        return {role: getattr(self, role) for role in _ROLES}

    @property
    def is_refusal(self) -> bool:
        """Whether it asks that the instruction be refused and nothing moved."""
        return self.declaration is NONE

    @property
    def names(self) -> tuple[str, ...]:
        """The things it needs on the table, object first."""
        return tuple(name for name in (self.object, self.target) if name is not None)

    @classmethod
    def from_json(cls, goal: Mapping[str, Any]) -> "Task":
        """Read the JSON form. Raises UnknownNameError for a key or a value that is not known, ConfigError."""
        allowed = ("skill", *_ROLES)
        for key in goal:
            if key not in allowed:
                raise UnknownNameError("goal key", str(key), allowed)
        if "skill" not in goal:
            known = ", ".join((*SKILLS, NONE.name))
            raise ConfigError(f"a goal needs a 'skill', received {dict(goal)}; allowed: {known}")
        return cls(**{key: None if value is None else str(value) for key, value in goal.items()})  # type: ignore[arg-type]

    def to_json(self) -> dict[str, str]:
        """Return the JSON form, without empty fields."""
        return {"skill": self.skill} | {role: value for role, value in self.arguments.items() if value is not None}

    def words(self) -> str:
        """Return a plain English form, e.g. "put the red cube in the blue bin"."""
        return self.declaration.words.format(**self.arguments)


NOTHING = Task(NONE.name)  # the goal of an instruction that is to be refused, and of a segment whose goal is not known


def goals_from_json(value: object) -> tuple[Task, ...]:
    """Read one goal or a list of goals, pursued in order, from their JSON form.

    Raises:
        ConfigError: `value` is neither an object nor a list of some, or NONE is one of several.
        UnknownNameError: a goal has a key, a skill, a thing or a direction that is not known.
    """
    rows = value if isinstance(value, list) else [value]
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        example = {"skill": HOME.name}
        raise ConfigError(f"'goal' must be an object, or a list of some, like {example}; received {value!r}")
    goals = tuple(Task.from_json(row) for row in rows if isinstance(row, Mapping))
    if len(goals) > 1 and any(goal.is_refusal for goal in goals):
        raise ConfigError(f"a goal of skill {NONE.name!r} cannot be one of several; give it a line of its own")
    return goals


def tasks_on(skill: Skill, things: Collection[str]) -> Iterator[Task]:
    """Yield every task of a skill on a table with these things, the last argument changing fastest."""
    roles = [argument.role for argument in skill.arguments]
    for values in product(*(argument.choices(things) for argument in skill.arguments)):
        if len(set(values)) == len(values):
            yield Task(skill.name, **dict(zip(roles, values, strict=True)))
