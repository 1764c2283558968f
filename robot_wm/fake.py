"""An ideal arm, camera and clock in memory: for tests, for dry runs (`--arm fake`), and as minimal examples.

The fake arm has the SO-101's joints and reaches every command at once. Knows no physics and no driver.
"""

import math
import time
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from robot_wm.arm import Arm
from robot_wm.camera import Camera
from robot_wm.errors import DeviceError
from robot_wm.types import ArmCommand, ArmSpec, ArmState, CameraSpec, Floats, Frame

Now = Callable[[], float]  # seconds on a monotonic clock

# The chain of the SO-101 at its zero pose, base frame, joint by joint: a point on the axis (m), and the axis.
_ANCHORS_M = (
    (0.0388, 0.0, 0.0624),
    (0.0692, -0.0183, 0.1166),
    (0.0972, -0.0183, 0.2292),
    (0.2321, -0.0183, 0.2344),
    (0.2932, 0.0, 0.2344),
)
_AXES = ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0))
_TOOL_M = (0.3914, 0.0, 0.2265)


def fake_spec() -> ArmSpec:
    """Return the spec of the fake arm: an SO-101 with its ranges."""
    return ArmSpec(
        name="fake",
        joint_names=("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll"),
        q_min_rad=np.deg2rad([-110.0, -100.0, -96.8, -95.0, -157.2]),
        q_max_rad=np.deg2rad([110.0, 100.0, 96.8, 95.0, 162.8]),
        dq_max_rad_s=np.full(5, 3.0),
        ddq_max_rad_s2=np.full(5, 30.0),
        q_rest_rad=np.array([0.0, -0.6, 0.7, np.pi / 2 - 0.1, 0.0]),
        gripper_rest=0.5,
        gripper_rate_max=2.0,
        workspace_min_m=np.array([0.05, -0.28, 0.01]),
        workspace_max_m=np.array([0.32, 0.28, 0.20]),
        rate_hz=10.0,
        tool_frame="tool",
        mjcf=str(files("robot_wm") / "fake_arm.xml"),
    )


def fake_tool_position(q_rad: Floats) -> Floats:
    """Compute the tool position (3,) m at joint angles (5,) by rotating the tool point about each axis, tip to base."""
    point = np.array(_TOOL_M)
    for q, anchor, axis in zip(q_rad[::-1], _ANCHORS_M[::-1], _AXES[::-1], strict=True):
        point = anchor + _turned(point - anchor, np.array(axis), float(q))
    return point


def _turned(arm: Floats, axis: Floats, angle_rad: float) -> Floats:
    """Rotate `arm` (3,) about `axis` (3,) by Rodrigues' formula."""
    x, y, z = axis
    across = np.array([y * arm[2] - z * arm[1], z * arm[0] - x * arm[2], x * arm[1] - y * arm[0]])
    along = axis * float(axis @ arm)
    return arm * math.cos(angle_rad) + across * math.sin(angle_rad) + along * (1.0 - math.cos(angle_rad))


class FakeClock:
    """A clock that advances only when waited on. Implements `robot_wm.control.clock.Clock`."""

    def __init__(self, now_s: float = 0.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        return self._now_s

    def wait_until(self, t_s: float) -> None:
        self._now_s = max(self._now_s, t_s)


class FakeArm(Arm):
    """An arm that reaches every command at once. Starts in the rest pose."""

    def __init__(self, now_s: Now = time.monotonic) -> None:
        self._spec = fake_spec()
        self._now_s = now_s
        self._last = ArmCommand(self._spec.q_rest_rad, self._spec.gripper_rest, now_s())
        self._dq_rad_s = np.zeros(self._spec.n_joints)

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    def _connect(self) -> None:
        pass

    def _close(self) -> None:
        pass

    def _read(self) -> ArmState:
        return ArmState(self._last.q_rad, self._dq_rad_s, None, self._last.gripper, self._now_s())

    def _send(self, command: ArmCommand) -> ArmCommand:
        dt_s = command.stamp_s - self._last.stamp_s
        step = command.q_rad - self._last.q_rad
        self._dq_rad_s = step / dt_s if dt_s > 0.0 else np.zeros_like(step)
        self._last = command
        return command

    def _stop(self) -> None:
        self._dq_rad_s = np.zeros(self._spec.n_joints)

    def _tool_position(self, q_rad: Floats) -> Floats:
        return fake_tool_position(q_rad)


class FakeCamera(Camera):
    """A camera that always returns the same picture; grey by default."""

    def __init__(self, spec: CameraSpec, rgb: NDArray[np.uint8] | None = None, now_s: Now = time.monotonic) -> None:
        self._spec = spec
        self._rgb = np.full((spec.height, spec.width, 3), 128, np.uint8) if rgb is None else rgb
        self._now_s = now_s
        self._is_open = False

    @property
    def spec(self) -> CameraSpec:
        return self._spec

    def connect(self) -> None:
        self._is_open = True

    def close(self) -> None:
        self._is_open = False

    def read(self) -> Frame:
        if not self._is_open:
            raise DeviceError(f"camera {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return Frame(self._rgb, self._now_s())
