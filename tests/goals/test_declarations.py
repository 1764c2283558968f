"""Laws of the skill registry: each skill is declared once, and no other file spells its name."""

import ast
from pathlib import Path

import pytest

from robot_wm.goals import DECLARED, NAMES, NONE, SKILLS, STACK, tasks_on
from robot_wm.language.skills import SPOKEN
from sim.skills import SIMULATED

ROOT = Path(__file__).parents[2]
MAY_SPELL = {
    "robot_wm/goals/skills.py": "the declarations",
    "robot_wm/language/skills.py": "how people ask for them, English words",
    "robot_wm/language/text.py": "an English word",
    "robot_wm/world_model/wam/heads.py": "the name of a buffer of the network",
}


def spelt(path: Path) -> set[str]:
    """Return the string literals of a source file that are a skill's name."""
    tree = ast.parse(path.read_text())
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in SKILLS}


@pytest.mark.parametrize("package", ["robot_wm", "sim", "hardware"])
def test_no_file_but_the_declarations_spells_a_skill(package: str) -> None:
    found = {str(path.relative_to(ROOT)): spelt(path) for path in sorted((ROOT / package).rglob("*.py"))}
    assert {path: names for path, names in found.items() if names and path not in MAY_SPELL} == {}


def test_every_exemption_is_needed() -> None:
    assert all(spelt(ROOT / path) for path in MAY_SPELL)


def test_the_order_of_the_skills_is_that_of_the_shipped_weights() -> None:
    assert SKILLS == ("reach", "push", "push_to", "lift", "place", "stack", "home")


def test_every_declared_skill_is_bound_once_by_language_and_by_the_simulator() -> None:
    assert sorted(SKILLS) == sorted(each.skill.name for each in SPOKEN) == sorted(each.skill.name for each in SIMULATED)
    assert NONE not in DECLARED


def test_tasks_on_a_table_name_what_is_there_and_each_once() -> None:
    things = ("red cube", "blue cube", "green cylinder", "red bin", "blue pad")
    for skill in DECLARED:
        tasks = list(tasks_on(skill, things))
        assert len(set(tasks)) == len(tasks) > 0
        assert all(set(task.names) <= set(things) and task.declaration is skill for task in tasks)
    assert len(list(tasks_on(STACK, NAMES))) == 6 * 11


def test_shares_of_training_sentences_sum_to_one() -> None:
    assert sum(each.good_share for each in SPOKEN) == pytest.approx(1.0)
    assert sum(each.unknown_share for each in SPOKEN) == pytest.approx(1.0)
