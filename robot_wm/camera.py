"""The interface of a camera. Knows no renderer, driver or file format."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from robot_wm.types import CameraSpec, Frame


class Camera(ABC):
    """A source of pictures. Every implementation passes `tests/contracts/camera_contract.py`."""

    @property
    @abstractmethod
    def spec(self) -> CameraSpec:
        """Return name, picture size and rate; readable before connecting."""

    @abstractmethod
    def connect(self) -> None:
        """Start capturing; does nothing if already connected. Raises DeviceError if the camera cannot be opened."""

    @abstractmethod
    def close(self) -> None:
        """Stop capturing; allowed in every state."""

    @abstractmethod
    def read(self) -> Frame:
        """Return the latest picture, uint8 RGB (h, w, 3). Raises DeviceError if not connected or if it is stale."""

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
