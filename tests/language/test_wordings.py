"""Wordings name what they mean, and the two splits do not share their templates."""

import numpy as np
import pytest

from robot_wm.goals import COLOURS, NAMES, SKILLS, Task
from robot_wm.language.augment import augment
from robot_wm.language.instructions import random_task
from robot_wm.language.nonsense import refusals
from robot_wm.language.skills import SPOKEN
from robot_wm.language.wordings import caption


@pytest.mark.parametrize("skill", SKILLS)
@pytest.mark.parametrize("split", ["train", "heldout"])
def test_the_same_seed_gives_the_same_wordings(skill: str, split: str) -> None:
    task = random_task(skill, np.random.default_rng(0))
    first, again = (caption(task, np.random.default_rng(3), split) for _ in range(2))
    assert first == again and first


@pytest.mark.parametrize("skill", SKILLS)
def test_wordings_are_many(skill: str) -> None:
    rng = np.random.default_rng(0)
    task = random_task(skill, rng)
    assert len({caption(task, rng) for _ in range(200)}) > (40 if skill == "home" else 150)


def test_whole_templates_are_held_out() -> None:
    for each in SPOKEN:
        own = set(each.templates.heldout) - set(each.templates.train)
        assert len(own) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_every_thing_can_be_called_without_its_plain_name(name: str) -> None:
    rng = np.random.default_rng(0)
    said = {caption(Task("reach", name), rng) for _ in range(80)}
    assert any(name in text for text in said) and any(name not in text for text in said)


def test_refusals_are_many_and_never_empty() -> None:
    rng = np.random.default_rng(0)
    said = [refusals(rng, split) for split in ("train", "heldout") for _ in range(300)]
    assert all(text.strip() for text in said) and len(set(said)) > 450


def test_augmenting_without_typos_keeps_every_word() -> None:
    rng = np.random.default_rng(0)
    for colour in COLOURS:
        text = f"push the {colour} cube left"
        kept = augment(text, rng, typo_rate=0.0).lower()
        assert all(word in kept for word in text.split())
