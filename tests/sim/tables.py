"""Hand-made snapshots of a table, for tests of predicates without physics."""

from dataclasses import replace

import numpy as np

from robot_wm.types import ArmSpec
from sim.snapshot import Snapshot
from sim.thing import Thing

CUBE_M = 0.015
BIN_M = (0.042, 0.015)  # half width between the walls, half height
PAD_M = (0.04, 0.001)
AWAY_M = np.array([0.14, 0.0, 0.15])

SPEC = ArmSpec(
    name="paper",
    joint_names=("a", "b"),
    q_min_rad=np.full(2, -2.0),
    q_max_rad=np.full(2, 2.0),
    dq_max_rad_s=np.ones(2),
    ddq_max_rad_s2=np.ones(2),
    q_rest_rad=np.zeros(2),
    gripper_rest=0.5,
    gripper_rate_max=3.0,
    workspace_min_m=np.full(3, -1.0),
    workspace_max_m=np.full(3, 1.0),
    rate_hz=10.0,
    tool_frame="tool",
    mjcf="none.xml",
)


def cube(x_m: float, y_m: float, underside_m: float = 0.0, speed_m_s: float = 0.0) -> Thing:
    """Return a cube of 3 cm."""
    return Thing(np.array([x_m, y_m, underside_m + CUBE_M]), 0.0, CUBE_M, CUBE_M, CUBE_M, speed_m_s)


def bin_(x_m: float, y_m: float, yaw_rad: float = 0.0) -> Thing:
    """Return a bin."""
    return Thing(np.array([x_m, y_m, BIN_M[1]]), yaw_rad, *BIN_M, BIN_M[1], 0.0)


def pad(x_m: float, y_m: float, yaw_rad: float = 0.0) -> Thing:
    """Return a pad."""
    return Thing(np.array([x_m, y_m, PAD_M[1]]), yaw_rad, *PAD_M, PAD_M[1], 0.0)


def moment(things: dict[str, Thing], stamp_s: float = 0.0, gripper: float = 1.0) -> Snapshot:
    """Return a snapshot with the tool far away and the joints not at rest."""
    return Snapshot(stamp_s, things, AWAY_M, 0.0, np.ones(2), gripper)


def with_tool(now: Snapshot, x_m: float, y_m: float, z_m: float) -> Snapshot:
    """Return the same snapshot with the tool elsewhere."""
    return replace(now, tool_m=np.array([x_m, y_m, z_m]))
