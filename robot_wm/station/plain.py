"""A setup put together from an arm, cameras and a clock, without a simulation."""

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from robot_wm.arm import Arm
from robot_wm.camera import Camera
from robot_wm.control.clock import Clock, RealClock
from robot_wm.fake import FakeArm, FakeCamera
from robot_wm.station.station import Station
from robot_wm.types import CameraSpec


class PlainStation(Station):
    """Connects the arm and every camera on entering; closes whatever was opened on leaving."""

    def __init__(self, arm: Arm, cameras: Mapping[str, Camera], clock: Clock) -> None:
        self._arm, self._cameras, self._clock = arm, cameras, clock
        self._open = ExitStack()

    @property
    def arm(self) -> Arm:
        return self._arm

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._cameras

    @property
    def clock(self) -> Clock:
        return self._clock

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
    """Make a perfect arm in front of grey cameras, for rehearsals; it ignores `scene`.

    The pictures have the sizes that the shipped model takes.
    """
    specs = (CameraSpec("overview", 128, 128, 30.0), CameraSpec("wrist", 64, 64, 30.0))
    return PlainStation(FakeArm(), {spec.name: FakeCamera(spec) for spec in specs}, RealClock())
