"""Motion is believed, a jump only when it stays."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.bus.jump_check import MARGIN_TICKS, JumpCheck

FASTEST = 12_000


@given(st.lists(st.integers(-FASTEST // 100, FASTEST // 100), max_size=40), st.integers(0, 4095))
def test_nothing_within_the_speed_is_refused(steps: list[int], ticks: int) -> None:
    check = JumpCheck(FASTEST)
    for place, step in enumerate(steps):
        ticks = (ticks + step) % 4096
        assert check.accepts(1, ticks, place * 0.01)


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_a_single_wrong_value_is_refused(here: int, there: int) -> None:
    check = JumpCheck(FASTEST)
    assert check.accepts(1, here, 0.0)
    far = min(abs(there - here), 4096 - abs(there - here)) > MARGIN_TICKS + FASTEST * 0.01
    assert check.accepts(1, there, 0.01) != far
    assert check.accepts(2, there, 0.01)  # another servo, never read before
    assert check.accepts(1, there, 0.02)  # it stays there


def test_after_a_wrong_value_the_right_one_is_believed() -> None:
    check = JumpCheck(FASTEST)
    assert [check.accepts(1, ticks, 0.01 * place) for place, ticks in enumerate((0, 1500, 3))] == [True, False, True]


def test_what_was_not_read_for_long_may_be_anywhere() -> None:
    check = JumpCheck(FASTEST)
    assert check.accepts(1, 0, 0.0)
    assert check.accepts(1, 2048, 1.0)
