"""How far a model's own estimate of being done can be trusted: a logistic curve, kept with the model."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SuccessCalibration:
    """The probability that a goal is reached, as a logistic curve of the steps believed to be left.

    The default is what `python -m benchmarks.own_estimate --seed 9500` fits for the shipped checkpoint.
    """

    done_steps: float = 4.34  # steps left at which the probability is one half
    done_slope: float = 1.03  # how fast it falls with a step more

    def probability(self, steps: float) -> float:
        """Return the probability in [0, 1] that a goal is reached when `steps` control ticks are believed left."""
        return 1.0 / (1.0 + math.exp(min(50.0, self.done_slope * (steps - self.done_steps))))
