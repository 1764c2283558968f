"""The shipped instruction files are what the generator makes, and say goals that the grammar allows."""

import json
from collections import Counter
from pathlib import Path

import pytest

from robot_wm.goals import SKILLS, Task
from robot_wm.language.instructions import FILES, write_instructions

SHIPPED = Path(__file__).parents[2] / "configs" / "instructions"


def lines(name: str) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in (SHIPPED / name).read_text(encoding="utf-8").splitlines()]


def test_the_shipped_files_are_those_the_generator_writes(tmp_path: Path) -> None:
    for path in write_instructions(tmp_path):
        assert path.read_bytes() == (SHIPPED / path.name).read_bytes(), f"write {path.name} again"


@pytest.mark.parametrize("name", FILES)
def test_goals_are_of_the_grammar_and_fit_their_scene(name: str) -> None:
    for line in lines(name):
        for goal in line["goal"] if isinstance(line["goal"], list) else [line["goal"]]:
            task = Task.from_json(goal)
            assert "scene" not in line or set(task.names) <= set(line["scene"])
        assert 0 < len(line["instruction"]) <= 1000


def test_every_skill_is_asked_for_often_enough() -> None:
    counts = Counter(line["goal"]["skill"] for line in lines("heldout.jsonl"))
    assert len(lines("heldout.jsonl")) >= 400 and all(counts[skill] >= 50 for skill in SKILLS)
    assert len(lines("two_step.jsonl")) >= 100 and len(lines("refusals.jsonl")) >= 200


def test_one_scene_has_several_instructions() -> None:
    by_seed: dict[int, list[dict]] = {}  # type: ignore[type-arg]
    for line in lines("language_following.jsonl"):
        by_seed.setdefault(line["scene_seed"], []).append(line)
    for group in by_seed.values():
        assert len({tuple(line["scene"]) for line in group}) == 1
        assert len({json.dumps(line["goal"]) for line in group}) == len(group) >= 4
