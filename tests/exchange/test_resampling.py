"""Laws of bringing streams to one rate: nothing is invented, and the account adds up."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from robot_wm.errors import DatasetError
from robot_wm.exchange.resampling import in_force, nearest, resample

stamps = st.lists(st.floats(0.0, 10.0), min_size=2, max_size=60, unique=True).map(lambda each: np.sort(np.array(each)))


@given(stamps, stamps)
def test_nearest_is_nearest(stamps_s: np.ndarray, moments_s: np.ndarray) -> None:
    best = np.abs(stamps_s[None] - moments_s[:, None]).min(axis=1)
    np.testing.assert_allclose(np.abs(stamps_s[nearest(stamps_s, moments_s)] - moments_s), best, atol=2e-6)


@given(stamps, stamps)
def test_what_is_in_force_was_sent_before(stamps_s: np.ndarray, moments_s: np.ndarray) -> None:
    rows = in_force(stamps_s, moments_s)
    right = [sum(stamps_s < moment - 1e-6) - 1 for moment in moments_s]
    assert rows.tolist() == right


@given(stamps, stamps, st.integers(1, 30), st.floats(0.001, 1.0))
def test_the_account_adds_up(a: np.ndarray, b: np.ndarray, fps: int, tolerance_s: float) -> None:
    span_s = min(a[-1], b[-1]) - max(a[0], b[0])
    assume(span_s * fps >= 1.0)
    done = resample({"a": a, "b": b}, fps, tolerance_s)
    frames = sum(len(piece.stamps_s) for piece in done.pieces)
    assert frames + done.left_out == int(np.floor(span_s * fps + 1e-3)) + 1
    for name, stamps_s in (("a", a), ("b", b)):
        use = done.use[name]
        assert frames == use.samples - use.dropped + use.repeated
        assert use.worst_s <= tolerance_s + 1e-5
        for piece in done.pieces:
            off = np.abs(stamps_s[piece.samples[name]] - piece.stamps_s)
            assert off.max() <= use.worst_s + 1e-9
            assert (np.diff(piece.samples[name]) >= 0).all()
    assert [piece.is_last for piece in done.pieces] == [False] * (len(done.pieces) - 1) + [True] * bool(done.pieces)


def test_an_even_stream_at_the_same_rate_stays_as_it_is() -> None:
    done = resample({"a": 3.7 + np.arange(50) / 10.0}, 10, 0.01)
    assert len(done.pieces) == 1 and done.left_out == 0
    assert done.pieces[0].samples["a"].tolist() == list(range(50))
    assert (done.use["a"].dropped, done.use["a"].repeated) == (0, 0)


def test_streams_that_never_run_together_are_refused() -> None:
    with pytest.raises(DatasetError, match="overlap for less than two frames"):
        resample({"a": np.arange(5.0), "b": 100.0 + np.arange(5.0)}, 10, 0.1)
