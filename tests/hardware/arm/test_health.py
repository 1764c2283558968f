"""Health: what is worse is never judged better, levels do not flicker, and words say what to do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.arm.health import HealthAssessor, HealthConfig, Level, Reading
from robot_wm.errors import ConfigError

WELL = Reading(30.0, 12.0, 0.1)


def worst(reading: Reading, now_s: float = 0.0, watch: HealthAssessor | None = None) -> Level:
    findings = (watch or HealthAssessor(HealthConfig())).assess({1: reading}, now_s)
    return findings[0].level if findings else Level.OK


def test_a_well_servo_gives_no_findings() -> None:
    assert HealthAssessor(HealthConfig()).assess({1: WELL, 2: WELL}, 0.0) == ()


@given(st.floats(0, 150), st.floats(0, 150))
def test_hotter_is_never_judged_better(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert worst(replace(WELL, temperature_degc=low)) <= worst(replace(WELL, temperature_degc=high))


@pytest.mark.parametrize(("degc", "level"), [(54, Level.OK), (55, Level.WARN), (60, Level.FOLD_BACK), (65, Level.STOP)])
def test_temperature_levels(degc: float, level: Level) -> None:
    assert worst(replace(WELL, temperature_degc=degc)) is level


def test_a_level_does_not_flicker_and_is_left_once_cooler() -> None:
    watch = HealthAssessor(HealthConfig())
    levels = [worst(replace(WELL, temperature_degc=degc), 0.0, watch) for degc in (60, 59, 58, 60, 56, 53, 51)]
    assert levels == [2, 2, 2, 2, 1, 1, 0]


@pytest.mark.parametrize(
    ("volts", "level", "words"),
    [
        (12.0, Level.OK, ""),
        (5.5, Level.WARN, "5.5 V"),
        (4.0, Level.STOP, "allowed"),
        (0.3, Level.STOP, "unpowered.*switch"),
        (15, Level.STOP, "allowed"),
    ],
)
def test_voltage_levels_and_the_words_for_a_supply_that_is_off(volts: float, level: Level, words: str) -> None:
    import re

    findings = HealthAssessor(HealthConfig()).assess({3: replace(WELL, voltage_v=volts)}, 0.0)
    assert (findings[0].level if findings else Level.OK) is level
    assert re.search(words, findings[0].message if findings else "")


def test_load_counts_by_how_long_it_lasts_either_way_round() -> None:
    for share in (0.9, -0.9):
        watch = HealthAssessor(HealthConfig())
        levels = [worst(replace(WELL, load_share=share), t, watch) for t in (0.0, 0.6, 1.2, 4.1)]
        assert levels == [Level.OK, Level.WARN, Level.FOLD_BACK, Level.STOP]
        assert worst(WELL, 4.2, watch) is Level.OK
        assert worst(replace(WELL, load_share=share), 4.3, watch) is Level.OK  # counted anew


def test_the_worst_comes_first() -> None:
    readings = {1: replace(WELL, temperature_degc=56), 2: replace(WELL, voltage_v=4.0)}
    findings = HealthAssessor(HealthConfig()).assess(readings, 0.0)
    assert [(f.servo, f.level) for f in findings] == [(2, Level.STOP), (1, Level.WARN)]
    assert "4.0 V" in findings[0].message


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(ConfigError, match="must increase"):
        HealthConfig(warn_degc=80.0)
