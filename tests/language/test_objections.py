"""What is forbidden, excluded, undone, bound to something or multiplied is refused; polite negatives are not."""

import numpy as np
import pytest

from robot_wm.goals import SKILLS
from robot_wm.language.grounding import Grounding
from robot_wm.language.instructions import random_task
from robot_wm.language.objections import moves_fixed_thing, to_clause, to_instruction
from robot_wm.language.skills import spoken
from robot_wm.language.wordings import caption
from robot_wm.records import Refusal, Understanding

NAMES = ("red cube", "blue cube", "red bin", "blue pad", "orange cylinder", "green cylinder")
TABLE: dict[str, float] = dict.fromkeys(map(str, NAMES), 0.97)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("negation", "dont go home"),
        ("negation", "you must not go home"),
        ("negation", "no need to go home"),
        ("negation", "do not stack the red cube on the blue cube"),
        ("negation", "Don't push the red cube onto the pad"),
        ("negation", "i don't want you to lift the red cube"),
        ("negation", "you shouldn't lift the red cube"),
        ("negation", "the red cube should not be in the bin"),
        ("negation", "keep the red cube out of the bin"),
        ("negation", "lift the red cube, but don't go home"),
        ("negation", "lift neither the red cube nor the blue cube"),
        ("negation", "never ever go home"),
        ("negation", "lift the non-red cube"),
        ("negation", "lift the cube that is not red"),
        ("negation", "lift any cube except the red one"),
        ("negation", "put the red cube on the pad instead of in the bin"),
        ("inverse", "unstack the red cube from the blue cube"),
        ("inverse", "get the red cube out of the bin"),
        ("inverse", "pull the red cube out of the bin"),
        ("inverse", "get the red cube off the pad"),
        ("inverse", "push the red cube away from the left"),
        ("inverse", "push the red cube from the left"),
        ("condition", "if the red cube is on the pad, lift it"),
        ("condition", "lift the red cube only if the blue cube is on the pad"),
        ("condition", "lift the red cube unless it is heavy"),
        ("condition", "lift the red cube when i say so"),
        ("condition", "lift the red cube in 5 minutes"),
        ("count", "push the red cube left twice"),
        ("count", "push the red cube left three times"),
        ("count", "lift both cubes"),
        ("count", "put two cubes in the bin"),
        ("choice", "lift the red cube or the blue cube"),
        ("choice", "put the red cube in the bin or on the pad"),
        ("relation", "lift the cube next to the red bin"),
        ("relation", "lift the cube beside the blue pad"),
        ("relation", "lift the cube to the left of the orange cylinder"),
        ("fixed", "put the bin on the red cube"),
        ("fixed", "put the blue pad on the red cube"),
        ("fixed", "stack the red bin on the blue cube"),
    ],
)
def test_what_is_not_a_plain_order_is_refused(grounding: Grounding, reason: str, text: str) -> None:
    answer = grounding.understand(text, TABLE)
    assert isinstance(answer, Refusal), answer
    assert answer.reason in (reason, "skill")


@pytest.mark.parametrize(
    "text",
    [
        "why don't you lift the red cube",
        "don't forget to go home",
        "lift the red cube if you don't mind",
        "push the red cube left, then push the red cube away from you",
        "push the red cube away from the robot",
        "lift the red cube off the table and hold it",
        "put the red cube into the red bin, and when that's done go home",
        "once the red cube is up, go home",
    ],
)
def test_what_is_negative_in_form_only_is_done(grounding: Grounding, text: str) -> None:
    assert isinstance(grounding.understand(text, TABLE), Understanding)


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_no_wording_of_ours_is_objected_to(split: str) -> None:
    rng = np.random.default_rng(0)
    for number in range(2000):
        task = random_task(SKILLS[number % len(SKILLS)], rng)
        text = caption(task, rng, split=split)
        assert to_instruction(text) is None and to_clause(text, spoken(task.skill).objections) is None, text
        assert task.skill in ("reach", "home") or not moves_fixed_thing(text), text
