"""Planner settings of logs that older versions wrote are read under the names that they have now."""

from dataclasses import asdict

import pytest

from robot_wm.config import from_values
from robot_wm.errors import RobotWMError
from robot_wm.planning import PlannerConfig
from robot_wm.replay.rebuild import renamed

# As `robot-wm do --log` wrote it before the keys were renamed.
OLD = {
    "samples": [64],
    "elites": 0.15,
    "temperature": 0.5,
    "prior_share": 0.5,
    "floor": [0.0015, 0.0015, 0.0015, 0.02, 0.01],
    "shifted_spread": 3.0,
    "correlation": 0.8,
    "margin": 1.0,
    "deadline_ms": 60.0,
    "objective": {"last": 0.5, "doubt": 0.5, "rough": 0.3, "stray": 3.0, "unlikely": 2.0},
    "detour": {"patience": 30, "ticks": 8, "samples": 64, "spread": [0.6, 0.6, 0.6, 0.6, 0.0]},
}


def test_the_old_default_is_the_default() -> None:
    assert from_values(PlannerConfig, renamed(OLD), "a log") == PlannerConfig()


def test_settings_of_today_stay_as_they_are() -> None:
    values = asdict(PlannerConfig())
    assert renamed(values) == values


def test_a_key_that_never_was_is_still_refused() -> None:
    with pytest.raises(RobotWMError, match="objectiv"):
        from_values(PlannerConfig, renamed({**OLD, "objectiv": {}}), "a log")
