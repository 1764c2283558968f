"""The seam to a camera. Knows no renderer, driver or file format."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from robot_wm.types import CameraSpec, Frame


class Camera(ABC):
    """Something that delivers pictures. Every implementation passes `tests/contracts/camera_contract.py`."""

    @property
    @abstractmethod
    def spec(self) -> CameraSpec:
        """Name, size and rate; readable before connecting."""

    @abstractmethod
    def connect(self) -> None:
        """Start delivering. Raises DeviceError where the camera is not there. Twice is once."""

    @abstractmethod
    def close(self) -> None:
        """Stop delivering; legal in every state."""

    @abstractmethod
    def read(self) -> Frame:
        """The newest picture, uint8 RGB (h, w, 3). Raises DeviceError when not connected or stale."""

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
