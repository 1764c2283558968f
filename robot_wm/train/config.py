"""Training settings that every model family shares. A family's own settings extend them."""

from dataclasses import dataclass

from robot_wm.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of the training schedule: so many steps at a learning rate that warms up, then decays."""

    kind: str  # what is trained; each family defines its own kinds
    steps: int
    batch: int  # samples per batch and rank
    learning_rate: float  # the peak
    warmup: int = 200  # steps of linear increase

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2 or self.learning_rate <= 0.0 or self.warmup < 0:
            raise ConfigError(
                "a training stage needs steps of 1 or more, a batch of 2 or more, a learning_rate above 0 and a "
                f"warmup of 0 or more, received {self}"
            )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What `robot_wm.train` needs of a run's configuration; YAML files are in configs/train/."""

    data: str  # folder of the dataset
    stages: tuple[Stage, ...]
    family: str  # name in the entry-point group `robot_wm.learners`
    seed: int = 0
    weight_decay: float = 1e-3
    clip: float = 3.0  # maximum norm of the gradient
    ema: float = 0.999  # decay of the averaged weights, which are the ones saved
    log_every: int = 50  # steps; held-out probes run at every tenth of these
    save_every: int = 500  # steps

    def __post_init__(self) -> None:
        if not self.stages:
            raise ConfigError("training needs one stage or more, received none; add one under 'stages'")
        if self.log_every < 1 or self.save_every < 1 or self.seed < 0:
            raise ConfigError(
                f"log_every and save_every must be 1 or more and seed 0 or more, received {self.log_every}, "
                f"{self.save_every} and {self.seed}"
            )
        if not 0.0 <= self.ema < 1.0 or self.clip <= 0.0:
            raise ConfigError(f"ema must be in [0, 1) and clip above 0, received {self.ema} and {self.clip}")
