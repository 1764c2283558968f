"""The goal grammar: which skills there are, what they are done to, and the names of things on a table.

A `Task` is one line of the grammar that instructions files, language grounding and the simulator's predicates
share. It knows nothing of geometry or of any simulator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from robot_wm.errors import ConfigError, UnknownNameError

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange")
MOVABLE_KINDS = ("cube", "cylinder")
TARGET_KINDS = ("pad", "bin")
KINDS = MOVABLE_KINDS + TARGET_KINDS
TARGETS_MAX = 3  # pads and bins on one table where chance adds some: a fourth often does not fit
NAMES = tuple(f"{colour} {kind}" for kind in KINDS for colour in COLOURS)  # 24, the order every table uses
SKILLS = ("reach", "push", "push_to", "lift", "place", "stack", "home")
DIRECTIONS: Mapping[str, tuple[float, float]] = {  # unit vectors (x, y) in the base frame
    "left": (0.0, 1.0),
    "right": (0.0, -1.0),
    "forward": (1.0, 0.0),
    "backward": (-1.0, 0.0),
}
_TARGETS = {"push_to": ("pad",), "place": ("bin",), "stack": ("cube",)}  # kinds a skill's target may have


@lru_cache(maxsize=256)  # asked of the same few names hundreds of times a second
def kind_of(name: str) -> str:
    """Kind of a thing by its name: "red cube" -> "cube"."""
    return name.rsplit(" ", 1)[-1]


@dataclass(frozen=True)
class Task:
    """One goal: a skill and what it is done to. Raises UnknownNameError or ConfigError where they do not fit."""

    skill: str  # one of SKILLS, or "none": refuse, and move nothing
    object: str | None = None
    target: str | None = None
    direction: str | None = None

    def __post_init__(self) -> None:
        if self.skill not in (*SKILLS, "none"):
            raise UnknownNameError("skill", str(self.skill), (*SKILLS, "none"))
        movable = None if self.skill == "reach" else MOVABLE_KINDS
        self._check("object", self.object, self.skill not in ("home", "none"), movable)
        self._check("target", self.target, self.skill in _TARGETS, _TARGETS.get(self.skill))
        if self.skill == "push" and self.direction not in DIRECTIONS:
            raise UnknownNameError("direction", str(self.direction), DIRECTIONS)
        if self.skill != "push" and self.direction is not None:
            raise ConfigError(f"skill {self.skill!r} takes no direction, received {self.direction!r}; leave it out")
        if self.object is not None and self.object == self.target:
            raise ConfigError(f"object and target are both {self.object!r}; name two different things")

    def _check(self, role: str, name: str | None, wanted: bool, kinds: tuple[str, ...] | None) -> None:
        if not wanted:
            if name is not None:
                raise ConfigError(f"skill {self.skill!r} takes no {role}, received {name!r}; leave it out")
            return
        if name not in NAMES:
            raise UnknownNameError(role, str(name), NAMES)
        if kinds is not None and kind_of(name) not in kinds:
            raise ConfigError(f"skill {self.skill!r} needs a {role} of kind {' or '.join(kinds)}, received {name!r}")

    @property
    def is_refusal(self) -> bool:
        """Whether it asks that the instruction be refused and nothing moved."""
        return self.skill == "none"

    @property
    def names(self) -> tuple[str, ...]:
        """The things it needs on the table."""
        return tuple(name for name in (self.object, self.target) if name is not None)

    @classmethod
    def from_json(cls, goal: Mapping[str, Any]) -> "Task":
        """Read the grammar's JSON form; an unknown key is an UnknownNameError."""
        allowed = ("skill", "object", "target", "direction")
        for key in goal:
            if key not in allowed:
                raise UnknownNameError("goal key", str(key), allowed)
        if "skill" not in goal:
            raise ConfigError(f"a goal needs a 'skill', received {dict(goal)}; allowed: {', '.join(SKILLS)}, none")
        return cls(**{key: None if value is None else str(value) for key, value in goal.items()})  # type: ignore[arg-type]

    def to_json(self) -> dict[str, str]:
        """The grammar's JSON form, without empty fields."""
        values = {"skill": self.skill, "object": self.object, "target": self.target, "direction": self.direction}
        return {key: value for key, value in values.items() if value is not None}

    def words(self) -> str:
        """A plain English form, e.g. "put the red cube in the blue bin"."""
        forms = {
            "reach": f"reach the {self.object}",
            "push": f"push the {self.object} {self.direction}",
            "push_to": f"push the {self.object} onto the {self.target}",
            "lift": f"lift the {self.object}",
            "place": f"put the {self.object} in the {self.target}",
            "stack": f"stack the {self.object} on the {self.target}",
            "home": "go home",
            "none": "nothing",
        }
        return forms[self.skill]
