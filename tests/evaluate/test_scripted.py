"""Scripted speakers: they hear English, know the table from the simulator, and act by oracle or not at all."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from robot_wm.control.bench import Bench
from robot_wm.control.loop import observe
from robot_wm.control.plain_bench import fake_bench
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.evaluate.scripted import ScriptedSpeaker
from robot_wm.language.grounding import Understanding
from robot_wm.tasks import NAMES, Task
from tests.evaluate.fakes import CountingBench

LIFT = Task("lift", "red cube")


class Hearing:
    """Takes everything for the same task, and notes what it was told of the table."""

    def __init__(self) -> None:
        self.present: Mapping[str, float] = {}

    def understand(self, instruction: str, present: Mapping[str, float]) -> Understanding:
        self.present = present
        return Understanding((LIFT,), 0.9, LIFT.words())


def speaker(policy: str, bench: Any, hearing: Hearing) -> ScriptedSpeaker:
    return ScriptedSpeaker(policy, cast(Bench, bench), 0, cast(Any, hearing))


@pytest.mark.parametrize(("policy", "source"), [("oracle", "worker"), ("hold", "hold")])
def test_it_hears_with_the_simulators_table_and_acts_as_named(policy: str, source: str) -> None:
    hearing = Hearing()
    with CountingBench() as bench:
        bench.reset(0, ["red cube"])
        scripted, seen = speaker(policy, bench, hearing), observe(bench.arm, bench.cameras)
        heard = scripted.understand("lift it", seen)
        assert isinstance(heard, Understanding)
        assert {name for name in NAMES if hearing.present[name] == 1.0} == {"red cube"}
        scripted.start(scripted.goal(heard.tasks[0], seen))
        assert scripted.decide(seen).source == source


def test_what_it_cannot_be_is_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown scripted policy 'planner'"):
        speaker("planner", CountingBench(), Hearing())
    with pytest.raises(ConfigError, match="the policy 'oracle' looks into the simulator"):
        speaker("oracle", fake_bench("tabletop"), Hearing())
