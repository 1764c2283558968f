"""What it takes to declare a skill: its name, its arguments with their allowed values, and its English form.

Knows no particular skill; they are declared in `robot_wm.goals.skills`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals.directions import DIRECTIONS
from robot_wm.goals.things import NAMES, kind_of


class Argument(ABC):
    """One argument of a skill. `role` is its key in a goal's JSON form."""

    role: str

    @abstractmethod
    def check(self, value: str | None, skill: str) -> None:
        """Raise UnknownNameError or ConfigError unless `value` is allowed; `skill` is named in the message."""

    @abstractmethod
    def choices(self, things: Collection[str]) -> tuple[str, ...]:
        """Return the allowed values on a table with these things, in their order."""


@dataclass(frozen=True)
class ThingArgument(Argument):
    """A thing of one of some kinds, by name."""

    role: str
    kinds: tuple[str, ...]

    def check(self, value: str | None, skill: str) -> None:
        if value not in NAMES:
            raise UnknownNameError(self.role, str(value), NAMES)
        if kind_of(value) not in self.kinds:
            article = "an" if self.role[0] in "aeiou" else "a"
            allowed = " or ".join(self.kinds)
            raise ConfigError(f"skill {skill!r} needs {article} {self.role} of kind {allowed}, received {value!r}")

    def choices(self, things: Collection[str]) -> tuple[str, ...]:
        return tuple(name for name in things if kind_of(name) in self.kinds)


@dataclass(frozen=True)
class DirectionArgument(Argument):
    """One of DIRECTIONS."""

    role: str = "direction"

    def check(self, value: str | None, skill: str) -> None:
        if value not in DIRECTIONS:
            raise UnknownNameError(self.role, str(value), DIRECTIONS)

    def choices(self, things: Collection[str]) -> tuple[str, ...]:
        return tuple(DIRECTIONS)


@dataclass(frozen=True)
class Skill:
    """The declaration of one skill. What it means to other layers is bound to this object there."""

    name: str  # in JSON, logs and configuration files
    words: str  # English form; {object}, {target} and {direction} stand for the arguments
    arguments: tuple[Argument, ...] = ()
    from_start: bool = False  # whether it is judged by how far the object has moved since the goal's start
    accumulates: bool = False  # whether doing it twice achieves more than doing it once

    def argument(self, role: str) -> Argument | None:
        """Return the argument of that role, None where the skill has none."""
        return next((each for each in self.arguments if each.role == role), None)

    def takes(self, role: str) -> bool:
        """Return whether the skill has an argument of that role."""
        return self.argument(role) is not None

    def kinds(self, role: str) -> tuple[str, ...]:
        """Return the kinds allowed for a thing of that role, () where the skill takes none."""
        argument = self.argument(role)
        return argument.kinds if isinstance(argument, ThingArgument) else ()

    def check(self, values: Mapping[str, str | None]) -> None:
        """Raise UnknownNameError or ConfigError unless `values` (role to value) are what the skill takes."""
        for role, value in values.items():
            argument = self.argument(role)
            if argument is not None:
                argument.check(value, self.name)
            elif value is not None:
                raise ConfigError(f"skill {self.name!r} takes no {role}, received {value!r}; leave it out")
