"""What decides: the protocol between the loop and any policy, learned, scripted or a floor.

Knows nothing of models: a learned agent, a scripted expert and a random walk look the same from here.
"""

from typing import Any, Protocol

from robot_wm.records import Decision
from robot_wm.types import Observation


class Policy(Protocol):
    """One goal at a time: told what to reach, then asked at each tick."""

    def start(self, goal: Any) -> None:
        """Take up a goal: a `robot_wm.types.Goal`, or whatever this policy needs for one."""
        raise NotImplementedError

    def decide(self, observation: Observation) -> Decision:
        """What to do now."""
        raise NotImplementedError
