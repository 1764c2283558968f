"""Settings of a camera, for the arm's file. Separate from `hardware.cameras`, so that reading them needs no OpenCV."""

from dataclasses import dataclass

from hardware.checks import require_positive


@dataclass(frozen=True)
class CameraConfig:
    """Source of a camera, what is requested of the device, and what is delivered."""

    source: str  # "0" is an index; otherwise a path of a device or a video file, or a URL
    height: int = 128  # of the delivered picture, px: the centre of the captured one, scaled
    width: int = 128
    rate_hz: float = 30.0  # requested of the device; a video file plays at its own rate
    capture_height: int = 480  # requested of the device, px
    capture_width: int = 640
    exposure: float | None = None  # in the device's unit, with automatic exposure off; None: unchanged
    stale_s: float = 0.5  # an older picture is an error

    def __post_init__(self) -> None:
        numbers = ("height", "width", "rate_hz", "capture_height", "capture_width", "stale_s")
        require_positive(f"camera {self.source!r}", self, *numbers)
