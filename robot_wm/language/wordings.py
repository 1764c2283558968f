"""A grammar of English wordings of each task: captions for training data, and held-out wordings for evaluation.

Held-out wordings use whole templates, verbs and synonyms that the training split never sees.
"""

from dataclasses import dataclass, replace

import numpy as np

from robot_wm.goals import Task
from robot_wm.language import vocabulary as v
from robot_wm.language.skills import spoken


@dataclass(frozen=True)
class Phrases:
    """The phrases that fill a template: noun phrases and a direction; empty where the skill has none."""

    object: str = ""
    target: str = ""
    direction: str = ""
    pull: bool = False  # towards the speaker's robot, where pulling is another word for pushing


def caption(task: Task, rng: np.random.Generator, split: str = "train") -> str:
    """Draw one English wording of `task`, things named in full; `split` is "train" or "heldout"."""
    is_box_clear = not set(v.BOX_KINDS) <= set(task.declaration.kinds("object"))  # whether "box" can mean one kind only
    called = [describe(name, rng, split, is_box_clear) for name in task.names]
    thing, target = [*called, "", ""][:2]
    return compose(task.skill, with_direction(Phrases(thing, target), task.direction, rng, split), rng, split)


def with_direction(called: Phrases, direction: str | None, rng: np.random.Generator, split: str) -> Phrases:
    """Return phrases with drawn words for a direction; None leaves them as they are."""
    if direction is None:
        return called
    return replace(called, direction=v.DIRECTION_WORDS[direction].pick(rng, split), pull=direction == "backward")


def describe(name: str, rng: np.random.Generator, split: str, allow_box: bool = True) -> str:
    """Draw a noun phrase for one of the 24 names; "box" (cube or bin) only where the context tells which."""
    colour, kind = name.split(" ")
    noun = v.KIND_WORDS[kind].pick(rng, split)
    while noun == "box" and not allow_box:
        noun = v.KIND_WORDS[kind].pick(rng, split)
    form = v.NAME_FORMS.pick(rng, split)
    return with_article(form.format(c=v.COLOUR_WORDS[colour].pick(rng, split), k=noun))


def compose(skill: str, called: Phrases, rng: np.random.Generator, split: str) -> str:
    """Put a skill into words with the given phrases for its things, with politeness now and then."""
    wording = spoken(skill)
    template = wording.templates.pick(rng, split)
    verbs = v.PULL_VERBS if called.pull and rng.random() < 0.3 else wording.verbs
    filled = template.format(
        v=verbs.pick(rng, split),
        o=called.object,
        t=called.target,
        O=bare(called.object),
        T=bare(called.target),
        d=called.direction,
        p="" if wording.prepositions is None else wording.prepositions.pick(rng, split),
    )
    imperative = template.startswith(v.IMPERATIVES)
    return polite(" ".join(filled.split()), rng, split) if imperative else filled


def polite(text: str, rng: np.random.Generator, split: str) -> str:
    """Add a please, a can-you or a thanks to about a third of imperative sentences."""
    draw = rng.random()
    if draw < 0.22:
        return f"{v.PREFIXES.pick(rng, split)} {text}"
    if draw < 0.34:
        return f"{text} {v.SUFFIXES.pick(rng, split)}".replace(" ,", ",")
    return text


def bare(phrase: str) -> str:
    """Return a noun phrase without its article: "the red cube" -> "red cube"."""
    first, _, rest = phrase.partition(" ")
    return rest if first in ("the", "a", "an", "that", "this", "your") else phrase


def with_article(phrase: str) -> str:
    """Correct "a orange cube" to "an orange cube"."""
    return "an" + phrase[1:] if phrase.startswith("a ") and phrase[2] in "aeiou" else phrase
