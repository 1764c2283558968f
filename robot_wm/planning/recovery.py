"""When a plan leads nowhere: whether the goal still comes nearer, and the detour that is made where it does not.

The action head remembers nothing, so that it repeats for ever what did not work, and a search near its proposals does
hardly better. Knows no model: what leads away is the search's to find.
"""

from collections import deque
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.errors import ConfigError

_PROGRESS = 0.2  # ticks by which a goal has to come nearer in a tick


@dataclass(frozen=True)
class DetourConfig:
    """When a detour is made, and how wide and long."""

    patience: int = 30  # ticks over which the goal has to come nearer; 0 means no detours
    ticks: int = 8  # that a detour takes
    samples: int = 64  # candidates; of the half that leads furthest away, one of those that cost less is taken
    # of the candidates about the action head's ways, in half ranges, by action number; what is held stays held
    spread: tuple[float, ...] = (0.6, 0.6, 0.6, 0.6, 0.0)

    def __post_init__(self) -> None:
        if self.patience < 0 or self.patience == 1 or self.ticks < 1 or self.samples < 4 or not max(self.spread) > 0.0:
            raise ConfigError(
                "detour patience must be 0 or at least 2, ticks at least 1, samples at least 4 and spread above 0, "
                f"received {self}"
            )


class Detour:
    """Watches the ticks that are believed to be left, and keeps the rest of the detour under way."""

    def __init__(self, config: DetourConfig) -> None:
        self._config = config
        self._left: deque[float] = deque(maxlen=config.patience)
        self._chunk, self._ticks = torch.empty(0), 0

    @property
    def under_way(self) -> bool:
        """Whether there is more of a detour to be done."""
        return self._ticks > 0

    def due(self, left: float) -> bool:
        """Note the ticks left; whether their mean fell too little from one half of the patience to the next."""
        if self.under_way or not self._config.patience:
            return False
        self._left.append(left)
        values, half = list(self._left), self._config.patience // 2
        gained = (sum(values[:half]) - sum(values[-half:])) / half
        return len(values) == self._config.patience and gained < _PROGRESS * half

    def begin(self, chunk: Float[Tensor, "t a"]) -> None:
        """Go by `chunk` from the next tick on."""
        self._chunk, self._ticks = chunk, self._config.ticks
        self._left.clear()

    def go_on(self) -> Float[Tensor, "t a"]:
        """What is left of the detour at this tick, its last action repeated to the length of a chunk."""
        chunk = self._chunk
        self._chunk, self._ticks = torch.cat([chunk[1:], chunk[-1:]]), self._ticks - 1
        return chunk
