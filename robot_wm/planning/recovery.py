"""When a plan leads nowhere: detects that the goal comes no nearer, and keeps the recovery motion made then.

An action head without memory repeats what did not work, and a search near its proposals does hardly better. Knows no
model: the search finds the motion that leads away.
"""

from collections import deque
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.errors import ConfigError

_PROGRESS = 0.2  # ticks by which a goal has to come nearer in a tick


@dataclass(frozen=True)
class RecoveryConfig:
    """When a recovery motion is made, and how wide and long."""

    patience: int = 30  # ticks over which the goal has to come nearer; 0 means no recovery motions
    ticks: int = 8  # that a recovery motion takes
    samples: int = 64  # candidates; of the half that leads furthest away, one of those that cost less is taken
    # of the candidates about the action head's modes, in half ranges, by action number; what is held stays held
    spread: tuple[float, ...] = (0.6, 0.6, 0.6, 0.6, 0.0)

    def __post_init__(self) -> None:
        if self.patience < 0 or self.patience == 1 or self.ticks < 1 or self.samples < 4 or not max(self.spread) > 0.0:
            raise ConfigError(
                "recovery patience must be 0 or at least 2, ticks at least 1, samples at least 4 and spread above 0, "
                f"received {self}"
            )


class Recovery:
    """Watches the ticks believed to be left, and holds what remains of the recovery motion under way."""

    def __init__(self, config: RecoveryConfig) -> None:
        self._config = config
        self._steps: deque[float] = deque(maxlen=config.patience)
        self._chunk, self._ticks = torch.empty(0), 0

    @property
    def under_way(self) -> bool:
        """Whether a recovery motion is not over yet."""
        return self._ticks > 0

    def due(self, steps_left: float) -> bool:
        """Record the ticks left; return whether their mean fell too little between the halves of the patience."""
        if self.under_way or not self._config.patience:
            return False
        self._steps.append(steps_left)
        values, half = list(self._steps), self._config.patience // 2
        gained = (sum(values[:half]) - sum(values[-half:])) / half
        return len(values) == self._config.patience and gained < _PROGRESS * half

    def begin(self, chunk: Float[Tensor, "t a"]) -> None:
        """Follow `chunk` from the next tick on."""
        self._chunk, self._ticks = chunk, self._config.ticks
        self._steps.clear()

    def advance(self) -> Float[Tensor, "t a"]:
        """Return what is left of the motion at this tick, its last action repeated to the length of a chunk."""
        chunk = self._chunk
        self._chunk, self._ticks = torch.cat([chunk[1:], chunk[-1:]]), self._ticks - 1
        return chunk
