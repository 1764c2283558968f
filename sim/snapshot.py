"""The true state of table and arm at one instant, for judges and experts. Knows no goal."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robot_wm.types import ArmState
from sim.scene import Scene
from sim.thing import Thing

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """One instant of a scene, base frame, SI units."""

    stamp_s: float
    things: Mapping[str, Thing]
    tool_m: Floats  # (3,) the tool point
    heading_rad: float  # of the jaw axis about base z, from the fixed finger to the moving one
    q_rad: Floats  # (n,)
    gripper: float  # opening in [0, 1]

    @classmethod
    def of(cls, scene: Scene, state: ArmState | None = None) -> "Snapshot":
        """Take a snapshot of a scene.

        Args:
            scene: The scene.
            state: The arm's present measurement, where it was read already.
        """
        state = state or scene.arm.read()
        heading = scene.kinematics.heading(state.q_rad)
        return cls(scene.clock.now_s(), scene.things(), scene.tool_m(), heading, state.q_rad, state.gripper)
