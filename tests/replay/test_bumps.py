"""A suite that bumps objects can be replayed: what was bumped then is bumped again."""

from dataclasses import replace
from pathlib import Path

import pytest

from robot_wm import registry
from robot_wm.cli.main import main
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.instructions import Line
from robot_wm.evaluate.logs import EpisodeLogs
from robot_wm.evaluate.recipe import Recipe
from robot_wm.evaluate.run import run_episode
from robot_wm.goals import Task


def test_bumps_are_bumped_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = registry.find(registry.SUITES, "tabletop-shifted")()
    suite = replace(suite, ticks_max=14, ticks_max_by_skill={})
    line = Line("lift the red cube", (Task("lift", "red cube"),))
    recipe, logs = Recipe("hold"), EpisodeLogs(tmp_path, "mujoco")
    station, agent = recipe.open(suite)
    episode = Episode(0, 7, 0, ("red cube", "blue bin"), line, line)
    with station:
        outcome = run_episode(station, agent, suite, episode, recipe.instruction(line), logs)
    assert outcome.bumped
    assert main(["replay", str(tmp_path / "episode-000000.mcap"), "--mode", "closed-loop"]) == 0
    assert f"{outcome.ticks} of {outcome.ticks} ticks equal to the last bit" in capsys.readouterr().out
