"""What a training run is: the model, the data and its stages. YAML in configs/train/."""

from dataclasses import dataclass, field

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.world_model.wam.config import WAMConfig

KINDS = ("see", "name", "joint", "towers")


@dataclass(frozen=True)
class Stage:
    """A stretch of training, of one of four kinds.

    see: single pictures, the encoder learns where things are; name: windows of them, it learns what is what;
    joint: windows of time with pictures, everything learns; towers: the same of cached latents, the encoder rests and
    all else learns.
    """

    kind: str
    steps: int
    batch: int  # windows in a batch
    learning_rate: float
    blocks: int = 0  # imagined steps in a window
    warmup: int = 200  # steps in which the learning rate rises

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError("kind of training stage", self.kind, KINDS)
        if self.steps < 1 or self.batch < 2 or self.learning_rate <= 0.0 or self.warmup < 0:
            raise ConfigError(
                "a training stage needs steps of 1 or more, a batch of 2 or more, a learning_rate above 0 and a "
                f"warmup of 0 or more, received {self}"
            )
        if self.kind in ("joint", "towers") and self.blocks < 1:
            raise ConfigError(f"a stage of kind {self.kind!r} needs blocks of 1 or more, received {self.blocks}")

    @property
    def pictures(self) -> bool:
        """Whether the encoder learns, from pictures."""
        return self.kind != "towers"


@dataclass(frozen=True)
class TrainConfig:
    """A run of `robot-wm train`."""

    data: str  # folder of the dataset
    stages: tuple[Stage, ...]
    model: WAMConfig = field(default_factory=WAMConfig)
    start: str | None = None  # a checkpoint of the same model whose weights training starts from
    seed: int = 0
    weight_decay: float = 1e-3
    clip: float = 3.0  # largest norm of the gradient
    ema: float = 0.999  # of the weights that are shipped
    bf16: bool = True  # convolutions and matmuls of the picture stages
    validation_share: float = 0.02  # of the episodes, the last ones
    log_every: int = 50
    save_every: int = 500

    def __post_init__(self) -> None:
        if not self.stages:
            raise ConfigError(f"training needs one stage or more, of the kinds {', '.join(KINDS)}; received none")
        if self.log_every < 1 or self.save_every < 1 or self.seed < 0:
            raise ConfigError(
                f"log_every and save_every must be 1 or more and seed 0 or more, received {self.log_every}, "
                f"{self.save_every} and {self.seed}"
            )
        if not 0.0 < self.validation_share < 1.0 or not 0.0 <= self.ema < 1.0 or self.clip <= 0.0:
            raise ConfigError(
                "validation_share must be in (0, 1), ema in [0, 1) and clip above 0, received "
                f"{self.validation_share}, {self.ema} and {self.clip}"
            )
