"""What decides: the protocol between the loop and any policy, learned, scripted or a floor.

Knows nothing of models: a learned agent, a scripted expert and a random walk look the same from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from robot_wm.types import Observation, PlanRecord

Picture = NDArray[np.uint8]  # (h, w, 3) RGB


@dataclass(frozen=True)
class Decision:
    """What a policy wants done in this tick, and what it believes."""

    action: NDArray[np.floating]  # (5,) dx dy dz (m), dyaw (rad), gripper opening; see robot_wm.actions
    steps_to_goal: float = nan  # control ticks it thinks are left; nan where it does not know
    done_probability: float = nan  # that the goal is reached now, in [0, 1]; nan where it does not know
    plan_ms: float = 0.0  # time its own planning took
    source: str = "policy"  # "search", "prior", "detour", "hold" or the policy's own word
    imagined: Callable[[], NDArray[np.uint8]] | None = None  # () -> (H, h, w, 3) pictures of the chosen plan, on demand
    plan: PlanRecord | None = None  # what was weighed, where the policy plans


class Policy(Protocol):
    """One goal at a time: told what to reach, then asked at each tick."""

    def start(self, goal: Any) -> None:
        """Take up a goal: a `robot_wm.types.Goal`, or whatever this policy needs for one."""
        raise NotImplementedError

    def decide(self, observation: Observation) -> Decision:
        """What to do now."""
        raise NotImplementedError
