"""Intervals and tests for success rates and latencies. Plain formulas, no data structures of ours."""

from math import comb, sqrt
from statistics import NormalDist


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a rate: (low, high) in [0, 1]; (0, 1) where nothing was tried."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate, shrink = successes / trials, 1.0 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / shrink
    half = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)) / shrink
    low = centre - half if successes else 0.0  # exact where rounding would leave a trace
    return low, centre + half if successes < trials else 1.0


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p of McNemar's test: pairs in which only the one, or only the other, succeeded.

    Under the null the discordant pairs fall either way with even odds: p = 2 P(X <= min), X ~ Binomial(n, 1/2).
    """
    discordant = only_first + only_second
    tail = sum(comb(discordant, count) for count in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**discordant)
