"""Recovery: detects a lack of progress towards the goal, and keeps the recovery motion that follows.

An action head without memory repeats what failed, and a search near its proposals hardly does better. Knows no model:
the search chooses the motion.
"""

from collections import deque
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.errors import ConfigError

_PROGRESS = 0.2  # smallest decrease of the predicted ticks per tick that counts as progress


@dataclass(frozen=True)
class RecoveryConfig:
    """Condition, length and spread of recovery motions."""

    patience: int = 30  # ticks without progress before a recovery motion; 0 disables recovery motions
    ticks: int = 8  # length of a recovery motion
    samples: int = 64  # candidates; one of the cheaper among the half that leads furthest away is taken
    # of the candidates around the action head's modes, in half ranges per action component; 0 keeps the gripper
    spread: tuple[float, ...] = (0.6, 0.6, 0.6, 0.6, 0.0)

    def __post_init__(self) -> None:
        if self.patience < 0 or self.patience == 1 or self.ticks < 1 or self.samples < 4 or not max(self.spread) > 0.0:
            raise ConfigError(
                "recovery patience must be 0 or at least 2, ticks at least 1, samples at least 4 and spread above 0, "
                f"received {self}"
            )


class Recovery:
    """Watches the predicted ticks left, and holds the rest of a recovery motion in progress."""

    def __init__(self, config: RecoveryConfig) -> None:
        self._config = config
        self._steps: deque[float] = deque(maxlen=config.patience)
        self._chunk, self._ticks = torch.empty(0), 0

    @property
    def under_way(self) -> bool:
        """True if a recovery motion is in progress."""
        return self._ticks > 0

    def due(self, steps_left: float) -> bool:
        """Record the predicted ticks left; return whether their mean decreased too little over the patience."""
        if self.under_way or not self._config.patience:
            return False
        self._steps.append(steps_left)
        values, half = list(self._steps), self._config.patience // 2
        gained = (sum(values[:half]) - sum(values[-half:])) / half
        return len(values) == self._config.patience and gained < _PROGRESS * half

    def begin(self, chunk: Float[Tensor, "t a"]) -> None:
        """Start a recovery motion along `chunk`."""
        self._chunk, self._ticks = chunk, self._config.ticks
        self._steps.clear()

    def advance(self) -> Float[Tensor, "t a"]:
        """Return the rest of the motion, padded with its last action to the length of a chunk."""
        chunk = self._chunk
        self._chunk, self._ticks = torch.cat([chunk[1:], chunk[-1:]]), self._ticks - 1
        return chunk
