"""A station put together from an arm, cameras and a clock: nothing to lay anew, nobody to judge but the policy."""

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from robot_wm.arm import Arm
from robot_wm.camera import Camera
from robot_wm.control.clock import Clock, RealClock
from robot_wm.fake import FakeArm, FakeCamera
from robot_wm.types import CameraSpec


class PlainStation:
    """Entering connects the arm and every camera; leaving closes whatever was opened."""

    def __init__(self, arm: Arm, cameras: Mapping[str, Camera], clock: Clock) -> None:
        self.arm = arm
        self.cameras = cameras
        self.clock = clock
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for device in (self.arm, *self.cameras.values()):
                opening.enter_context(device)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


def fake_station(scene: str) -> PlainStation:
    """A perfect arm before grey cameras, for rehearsals; `scene` makes no difference to it.

    The pictures have the sizes that the shipped model takes.
    """
    specs = (CameraSpec("overview", 128, 128, 30.0), CameraSpec("wrist", 64, 64, 30.0))
    return PlainStation(FakeArm(), {spec.name: FakeCamera(spec) for spec in specs}, RealClock())
