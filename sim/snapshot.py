"""What the judge and the experts look at: everything on the table and the arm, at one instant.

Taken from the simulator's state, not from pictures. Knows no goal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.types import ArmState
from sim.scene import Scene, Thing

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """One instant of a scene, base frame, SI units."""

    stamp_s: float
    things: Mapping[str, Thing]
    tool_m: Floats  # (3,) the tool point
    heading_rad: float  # the jaw axis about base z, from the fixed finger to the moving one
    q_rad: Floats  # (n,)
    gripper: float  # opening in [0, 1]

    @classmethod
    def of(cls, scene: Scene, state: ArmState | None = None) -> "Snapshot":
        """Look at `scene` now; `state` is what the arm measures now, where it was asked already."""
        state = state or scene.arm.read()
        heading = scene.kinematics.heading(state.q_rad)
        return cls(scene.clock.now_s(), scene.things(), scene.tool_m(), heading, state.q_rad, state.gripper)
