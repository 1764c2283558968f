"""Calibration of a model's own estimate of success: a logistic curve, stored in the checkpoint."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SuccessCalibration:
    """The probability that a goal is reached, a logistic curve of the predicted steps left.

    `python -m benchmarks.own_estimate --seed 9500` fitted the defaults for the shipped checkpoint.
    """

    done_steps: float = 4.34  # steps left at which the probability is 0.5
    done_slope: float = 1.03  # decrease of the log odds per step

    def probability(self, steps: float) -> float:
        """Return the probability in [0, 1] that a goal is reached, given `steps` predicted control ticks left."""
        return 1.0 / (1.0 + math.exp(min(50.0, self.done_slope * (steps - self.done_steps))))
