"""What a training run is: the model, the data and its stages. YAML in configs/train/."""

from dataclasses import dataclass, field

from robot_wm.world_model.wam import WAMConfig


@dataclass(frozen=True)
class Stage:
    """A stretch of training. On pictures everything learns; on cached latents the encoder rests and the towers do."""

    pictures: bool
    steps: int
    batch: int  # windows in a batch
    blocks: int  # imagined steps in a window
    learning_rate: float
    warmup: int = 200  # steps in which the learning rate rises


@dataclass(frozen=True)
class TrainConfig:
    """A run of `robot-wm train`."""

    data: str  # folder of the dataset
    stages: tuple[Stage, ...]
    model: WAMConfig = field(default_factory=WAMConfig)
    seed: int = 0
    weight_decay: float = 1e-3
    clip: float = 3.0  # largest norm of the gradient
    ema: float = 0.999  # of the weights that are shipped
    bf16: bool = True  # convolutions and matmuls of the picture stages
    validation_share: float = 0.02  # of the episodes, the last ones
    log_every: int = 50
    save_every: int = 500
