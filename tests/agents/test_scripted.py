"""Scripted speakers: they hear English, know the table from the simulator, and act by oracle or not at all."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from robot_wm.agents.scripted import ScriptedSpeaker
from robot_wm.control.loop import observe
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import NAMES, Task
from robot_wm.records import Understanding
from robot_wm.station.plain import fake_station
from robot_wm.station.station import Station
from tests.evaluate.fakes import CountingStation

LIFT = Task("lift", "red cube")


class Hearing:
    """Takes everything for the same task, and notes what it was told of the table."""

    def __init__(self) -> None:
        self.present: Mapping[str, float] = {}

    def understand(self, instruction: str, present: Mapping[str, float]) -> Understanding:
        self.present = present
        return Understanding((LIFT,), 0.9, LIFT.words())


def speaker(policy: str, station: Any, hearing: Hearing) -> ScriptedSpeaker:
    return ScriptedSpeaker(policy, cast(Station, station), 0, cast(Any, hearing))


@pytest.mark.parametrize(("policy", "source"), [("oracle", "worker"), ("hold", "hold")])
def test_it_hears_with_the_simulators_table_and_acts_as_named(policy: str, source: str) -> None:
    hearing = Hearing()
    with CountingStation() as station:
        station.reset(0, ["red cube"])
        scripted, seen = speaker(policy, station, hearing), observe(station.arm, station.cameras)
        heard = scripted.understand("lift it", seen)
        assert isinstance(heard, Understanding)
        assert {name for name in NAMES if hearing.present[name] == 1.0} == {"red cube"}
        scripted.start(scripted.goal(heard.tasks[0], seen))
        assert scripted.decide(seen).source == source


def test_what_it_cannot_be_is_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown scripted policy 'planner'"):
        speaker("planner", CountingStation(), Hearing())
    with pytest.raises(ConfigError, match="the policy 'oracle' looks into the simulator"):
        speaker("oracle", fake_station("tabletop"), Hearing())
