"""There is one implementation of observe, understand, run, judge: every command runs a session."""

import ast
from pathlib import Path

import pytest

import robot_wm

LOOP = "run_goal"
OWNER = "session/session.py"
DEFINED = {"control/loop.py", "control/__init__.py"}  # the second one re-exports it


def names_in(path: Path) -> set[str]:
    """Return every name, attribute and imported name in a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found.update(alias.name for alias in node.names)
    return found


def test_only_the_session_runs_the_control_loop() -> None:
    root = Path(robot_wm.__path__[0])
    modules = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    assert {name for name, path in modules.items() if LOOP in names_in(path)} - DEFINED == {OWNER}


@pytest.mark.parametrize("name", ["cli/do_.py", "cli/record.py", "evaluate/run.py", "replay/closed_loop.py"])
def test_commands_and_replay_carry_out_goals_by_a_session(name: str) -> None:
    assert names_in(Path(robot_wm.__path__[0]) / name) & {"Session", "run_job"}
