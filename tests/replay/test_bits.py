"""Laws of bit equality: what is the same has the same bits; what is not is named, a number that is missing too."""

from typing import Any

import numpy as np
import pytest

from robot_wm.replay.bits import differing, same_bits


@pytest.mark.parametrize("value", [0.0, -0.0, float("nan"), np.array([1.0, np.inf]), "late", "", None])
def test_everything_is_the_same_as_itself(value: Any) -> None:
    assert same_bits(value, value) and not list(differing({"it": value}, {"it": value}))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (0.0, -0.0, ("it", "0.0", "-0.0")),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0]), ("it[1]", "2.0", "3.0")),
        (np.zeros(2), np.zeros(3), ("it (its shape)", "(2,)", "(3,)")),
        ("late", "", ("it", "late", "")),
        (np.zeros((4, 5)), None, ("it", "20 numbers", "none")),
        (None, 1.0, ("it", "none", "1 numbers")),
    ],
)
def test_what_differs_is_named(one: Any, other: Any, words: tuple[str, str, str]) -> None:
    assert not same_bits(one, other) and list(differing({"it": one}, {"it": other})) == [words]
