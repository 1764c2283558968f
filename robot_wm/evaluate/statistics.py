"""Confidence intervals and tests of success rates."""

from math import comb, sqrt
from statistics import NormalDist


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval (low, high) in [0, 1] of a rate (Wilson 1927); (0, 1) for no trials."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate, shrink = successes / trials, 1.0 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / shrink
    half = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)) / shrink
    low = centre - half if successes else 0.0  # exactly 0, without rounding error
    return low, centre + half if successes < trials else 1.0


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (McNemar 1947).

    Under the null hypothesis discordant pairs fall either way with equal odds: p = 2 P(X <= min), X ~ Binomial(n, 1/2).

    Args:
        only_first: number of pairs in which only the first succeeded.
        only_second: number of pairs in which only the second succeeded.
    """
    discordant = only_first + only_second
    tail = sum(comb(discordant, count) for count in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**discordant)
