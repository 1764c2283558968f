"""Arms of other shapes, as MJCF written by the tests that use them."""

from pathlib import Path

import numpy as np

from robot_wm.types import ArmSpec

_HEAD = '<mujoco><compiler angle="radian" autolimits="true" boundmass="0.01" boundinertia="0.00001"/><worldbody>'
_CAMERA = '<camera name="wrist" pos="0 -0.07 -0.03" quat="0 1 0 0" fovy="70"/>'
_TOOL = '<site name="tool" pos="0 0 0.06"/>'


def arm_spec(
    folder: Path, joints: list[str], q_rest_rad: list[float], tool: str = _TOOL, tail: str = _CAMERA
) -> ArmSpec:
    """The spec of an arm of nested bodies, each `'<pos>|<attributes of its joint>'`, with a tool site and a camera.

    Joints are called j1, j2, ... and go from -3 to 3.
    """
    bodies = [part.split("|") for part in joints]
    opened = "".join(
        f'<body pos="{at}"><joint name="j{number}" range="-3 3" {joint}/>'
        for number, (at, joint) in enumerate(bodies, start=1)
    )
    path = folder / "arm.xml"
    path.write_text(f"{_HEAD}{opened}{tool}{tail}{'</body>' * len(bodies)}</worldbody></mujoco>")
    n = len(joints)
    return ArmSpec(
        name=f"arm of {n}",
        joint_names=tuple(f"j{number}" for number in range(1, n + 1)),
        q_min_rad=np.full(n, -3.0),
        q_max_rad=np.full(n, 3.0),
        dq_max_rad_s=np.full(n, 2.0),
        ddq_max_rad_s2=np.full(n, 20.0),
        q_rest_rad=np.array(q_rest_rad),
        gripper_rest=0.5,
        gripper_rate_max=2.0,
        workspace_min_m=np.array([-1.0, -1.0, -1.0]),
        workspace_max_m=np.array([1.0, 1.0, 1.5]),
        rate_hz=10.0,
        tool_frame="tool",
        mjcf=str(path),
    )


SIX = [
    '0 0 0.12|axis="0 0 1"',
    '0 0 0.1|axis="0 1 0"',
    '0 0 0.3|axis="0 1 0"',
    '0 0 0.25|axis="0 0 1"',
    '0 0 0|axis="0 1 0"',
    '0 0 0.08|axis="0 0 1"',
]
SIX_REST = [0.0, 0.05, 2.0, 0.0, 1.0916, 0.0]
SEVEN = [*SIX[:2], '0 0 0.1|axis="0 0 1"', *SIX[2:]]
SEVEN_REST = [0.0, 0.05, 0.0, 2.0, 0.0, 1.0916, 0.0]
GANTRY = [
    '0 0 0.4|type="slide" axis="1 0 0"',
    '0 0 0|type="slide" axis="0 1 0"',
    '0 0 0|type="slide" axis="0 0 -1"',
    '0 0 -0.06|axis="0 0 -1"',
]
GANTRY_TOOL = '<site name="tool" pos="0 0 -0.06" quat="0 1 0 0"/>'
SCARA = [
    '0 0 0.3|axis="0 0 1"',
    '0.2 0 0|axis="0 0 -1"',
    '0.2 0 0|type="slide" axis="0 0 -1"',
    '0 0 0|axis="0 0 1"',
]
