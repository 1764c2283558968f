"""A suite: the scene that episodes are laid in, how long they may take, and what goes wrong on purpose.

Suites are found by entry point (group `robot_wm.suites`): each names a function `() -> Suite`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bumps:
    """An object that a goal is about gets knocked sideways, once an episode, while the arm does not hold it."""

    earliest_tick: int = 2
    latest_tick: int = 9


@dataclass(frozen=True)
class Suite:
    """What every episode of a measurement shares."""

    name: str
    scene: str  # name of the scene's configuration
    ticks_max: int = 150  # control ticks at 10 Hz that one goal may take
    ticks_max_by_skill: Mapping[str, int] = field(default_factory=dict)
    bumps: Bumps | None = None

    def ticks_for(self, skill: str) -> int:
        """Control ticks that a goal of this skill may take."""
        return self.ticks_max_by_skill.get(skill, self.ticks_max)
