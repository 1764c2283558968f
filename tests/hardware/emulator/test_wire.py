"""Laws of the wire: bytes take their time, keep their order, and wait for the adapter's timer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.emulator.wire import Wire, WireConfig


def test_ten_bits_a_byte_and_one_sender_at_a_time() -> None:
    wire = Wire(WireConfig(), 0)
    assert wire.send(1.0, 8, 1_000_000) == pytest.approx(1.0 + 80e-6)
    assert wire.send(1.0, 8, 57_600) == pytest.approx(1.0 + 80e-6 + 80 / 57_600)


def test_a_short_answer_waits_for_the_timer_and_a_full_buffer_does_not() -> None:
    wire = Wire(WireConfig(latency_s=0.016, jitter_s=0.0), 0)
    assert wire.arrival(0.020, 8) == pytest.approx(0.032)
    assert wire.arrival(0.040, 62) == pytest.approx(0.040)
    assert wire.arrival(0.0405, 8, latency_s=0.001) == pytest.approx(0.041)


@given(
    gaps_s=st.lists(st.floats(0.0, 0.01), min_size=1, max_size=30),
    latency_s=st.sampled_from([0.0, 0.001, 0.016]),
    jitter_s=st.floats(0.0, 0.003),
)
def test_bytes_arrive_in_order_and_never_early(gaps_s: list[float], latency_s: float, jitter_s: float) -> None:
    wire, passed_s, before_s = Wire(WireConfig(latency_s, jitter_s), 1), 0.0, 0.0
    for gap_s in gaps_s:
        passed_s += gap_s
        arrival_s = wire.arrival(passed_s, 8)
        assert arrival_s >= max(passed_s, before_s) - 1e-12
        before_s = arrival_s
