"""A task suite: scene, time limits and disturbances of its episodes.

Suites are found by entry point (group `robot_wm.suites`), each a function `() -> Suite`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bumps:
    """Disturbance: a goal's object is pushed sideways once per episode, while the arm does not hold it."""

    earliest_tick: int = 2
    latest_tick: int = 9


@dataclass(frozen=True)
class Suite:
    """Settings shared by all episodes of an evaluation."""

    name: str
    scene: str  # name of the scene's configuration
    ticks_max: int = 150  # control ticks at 10 Hz allowed per goal
    ticks_max_by_skill: Mapping[str, int] = field(default_factory=dict)
    bumps: Bumps | None = None

    def ticks_for(self, skill: str) -> int:
        """Return the control ticks allowed for a goal of a skill."""
        return self.ticks_max_by_skill.get(skill, self.ticks_max)
