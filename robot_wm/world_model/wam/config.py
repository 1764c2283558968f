"""The WAM's configuration: sizes, arm and cameras."""

from dataclasses import dataclass, field
from typing import TypeVar

from robot_wm.errors import ConfigError
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.camera_geometry import FixedCamera, WristMount
from robot_wm.world_model.wam.dynamics import DynamicsConfig
from robot_wm.world_model.wam.encoder import EncoderConfig
from robot_wm.world_model.wam.heads import HeadsConfig

_Camera = TypeVar("_Camera", FixedCamera, WristMount)
_CELL_PX = 8  # picture pixels per cell of the decoder


@dataclass(frozen=True)
class WAMConfig:
    """Configuration of the whole model. Camera poses are required; `arm_config.wam_config_for` derives them."""

    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    dynamics: DynamicsConfig = field(default_factory=DynamicsConfig)
    heads: HeadsConfig = field(default_factory=HeadsConfig)
    overview_px: int = 128  # side of the overview pictures
    wrist_px: int = 64
    overview: FixedCamera | None = None  # nominal pose of the overview camera
    wrist: WristMount | None = None  # mount of the wrist camera, with the arm's kinematics
    chunk: int = 10  # control ticks in an action chunk
    block: int = 2  # control ticks in a step of imagination

    def __post_init__(self) -> None:
        for name, side in (("overview_px", self.overview_px), ("wrist_px", self.wrist_px)):
            if side < _CELL_PX or side % _CELL_PX:
                raise ConfigError(f"model.{name} must be a multiple of {_CELL_PX} pixels, received {side}")
        window = self.encoder.window
        if not 4 <= window <= self.overview_px or window % 4:
            raise ConfigError(
                f"model.encoder.window must be a multiple of 4 and at most overview_px {self.overview_px}, "
                f"received {window}"
            )
        if self.chunk < 1 or self.block < 1:
            raise ConfigError(f"model.chunk and model.block must be 1 or more, received {self.chunk} and {self.block}")

    @property
    def layout(self) -> latent.Layout:
        """Layout of latents and goals for this arm. Raises ConfigError if `wrist` is None."""
        mount = self.mount
        return latent.Layout(len(mount.hinges), mount.heading_signs, mount.heading_zero_rad)

    @property
    def mount(self) -> WristMount:
        """`wrist`. Raises ConfigError if it is None."""
        return self._given(self.wrist, "wrist")

    @property
    def fixed_camera(self) -> FixedCamera:
        """`overview`. Raises ConfigError if it is None."""
        return self._given(self.overview, "overview")

    @staticmethod
    def _given(camera: _Camera | None, name: str) -> _Camera:
        if camera is None:
            raise ConfigError(
                f"the model's configuration lacks the pose of camera {name!r}; give model.{name}, or derive it "
                "from the arm with robot_wm.world_model.wam.arm_config.wam_config_for"
            )
        return camera
