"""The WAM's training settings: kinds of stages, and all that configs/train/wam.yaml may set."""

from dataclasses import dataclass, field

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.train.config import Stage, TrainConfig
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.loss_weights import LossWeights

KINDS = ("see", "name", "joint", "towers")


@dataclass(frozen=True, kw_only=True)
class WAMStage(Stage):
    """A stage of one of four kinds.

    see: single frames, the encoder learns to localise objects; name: crops around objects, the crop head learns to
    name them; joint: windows of frames, everything learns; towers: windows of cached latents, everything but the
    encoder and the decoder learns.
    """

    blocks: int = 0  # imagined steps in a window

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in KINDS:
            raise UnknownNameError("kind of training stage", self.kind, KINDS)
        if self.kind in ("joint", "towers") and self.blocks < 1:
            raise ConfigError(f"a stage of kind {self.kind!r} needs blocks of 1 or more, received {self.blocks}")

    @property
    def trains_encoder(self) -> bool:
        """True if the stage reads pictures; otherwise it reads cached latents of the frozen encoder."""
        return self.kind != "towers"


@dataclass(frozen=True, kw_only=True)
class WAMTraining(TrainConfig):
    """A training run of the WAM."""

    stages: tuple[WAMStage, ...]
    family: str = "wam"
    model: WAMConfig = field(default_factory=WAMConfig)
    loss_weights: LossWeights = field(default_factory=LossWeights)
    start: str | None = None  # checkpoint of an equal architecture to start from
    bf16: bool = True  # bfloat16 for convolutions and matrix products of the stages that read pictures
    validation_share: float = 0.02  # of the episodes, the last ones

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.validation_share < 1.0:
            raise ConfigError(f"validation_share must be in (0, 1), received {self.validation_share}")
