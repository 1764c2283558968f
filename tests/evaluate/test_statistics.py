"""Intervals and tests against values worked out elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from robot_wm.evaluate.statistics import mcnemar_exact, wilson
from robot_wm.session.report import latency_percentiles


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # statsmodels.stats.proportion.proportion_confint(..., method="wilson")
        (0, 10, 0.0, 0.2775327998628892),
        (10, 10, 0.7224672001371108, 1.0),
        (8, 10, 0.4901624715051448, 0.9433178485456247),
        (322, 350, 0.8867735580573583, 0.9441217013),
    ],
)
def test_wilson_against_known_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson(successes, trials)
    assert 0.0 <= low <= successes / trials <= high <= 1.0
    mirrored = wilson(trials - successes, trials)
    assert mirrored == (pytest.approx(1.0 - high, abs=1e-12), pytest.approx(1.0 - low, abs=1e-12))


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (0, 5, 0.0625),
        (5, 0, 0.0625),
        (2, 10, 0.0385742),
        (6, 16, 0.0524791),
        (0, 10, 0.001953125),
    ],
)
def test_mcnemar_against_known_values(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar_exact(only_first, only_second) == pytest.approx(p, abs=1e-6)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_binomial_test(only_first: int, only_second: int) -> None:
    if only_first + only_second:
        expected = binomtest(only_first, only_first + only_second, 0.5).pvalue
        assert mcnemar_exact(only_first, only_second) == pytest.approx(expected, abs=1e-9)


def test_percentiles() -> None:
    assert latency_percentiles([]) == {"p50": None, "p95": None, "p99": None}
    assert latency_percentiles(list(range(101))) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
