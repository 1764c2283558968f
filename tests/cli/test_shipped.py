"""What is shipped does its job: README's first instruction, with the weights that come with the package."""

import json
from pathlib import Path

import numpy as np
import pytest

from robot_wm.agents.make import open_agent
from robot_wm.cli.main import main
from robot_wm.control.agent import Agent
from robot_wm.control.loop import observe
from robot_wm.goals import Task
from robot_wm.records import Instruction, Refusal, Understanding
from robot_wm.station.plain import fake_station


def do(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    """Exit status and report of `robot-wm do`."""
    status = main(["do", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_the_arm_does_what_the_readme_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = ("--scene", "red cube, blue bin")
    status, report = do(capsys, "push the red cube left", *scene, "--video", str(tmp_path / "push.mp4"))
    assert (status, report["outcome"], report["judged_by"]) == (0, "done", "simulator")
    assert report["goal"] == Task("push", "red cube", direction="left").to_json()
    assert (tmp_path / "push.mp4").stat().st_size > 10_000


def test_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, report = do(capsys, "lift the purple cube", "--scene", "red cube, blue bin")
    assert (status, report["outcome"], report["goal"]) == (4, "refused", None)
    assert "red cube" in str(report["understood"]) and "blue bin" in str(report["understood"])


@pytest.fixture(scope="module")
def agent() -> Agent:
    with fake_station("tabletop") as station:
        return open_agent("planner", station)


def test_before_grey_cameras_the_arm_can_be_told_to_go_home(agent: Agent) -> None:
    with fake_station("tabletop") as station:
        seen = observe(station.arm, station.cameras)
        understood = agent.understand(Instruction("go home"), seen)
        assert isinstance(understood, Understanding) and understood.tasks == (Task("home"),)
        agent.start(Task("home"), seen)
        assert np.isfinite(agent.decide(seen).action).all()


def test_before_grey_cameras_there_is_nothing_to_reach(agent: Agent) -> None:
    with fake_station("tabletop") as station:
        assert isinstance(
            agent.understand(Instruction("reach the red cube"), observe(station.arm, station.cameras)), Refusal
        )
