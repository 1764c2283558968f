"""Labelled sentences for training and measuring the readers: complete, unfinished, about unknown things, nonsense."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robot_wm.goals import (
    COLOURS,
    DECLARED,
    DIRECTIONS,
    KINDS,
    LIFT,
    NONE,
    PLACE,
    PUSH,
    STACK,
    TARGET_KINDS,
    Skill,
)
from robot_wm.language import nonsense
from robot_wm.language import vocabulary as v
from robot_wm.language.reading import Reading
from robot_wm.language.skills import SPOKEN, spoken
from robot_wm.language.vocabulary import choose, words
from robot_wm.language.wordings import Phrases, compose, with_direction

_ONES = words("one|one|thing|object", "one|item|piece|toy")
_PRONOUNS = words("it|it|it|that|this", "it|that|it")
_SIZES = words("small|big|little|large|other small", "tiny|huge|nearest|larger")


@dataclass(frozen=True)
class Reference:
    """A noun phrase and its classes."""

    phrase: str
    colour: str  # one of COLOUR_CLASSES
    kind: str  # one of KIND_CLASSES


ABSENT = Reference("", "missing", "absent")
_INCOMPLETE = tuple(each for each in SPOKEN if each.skill.arguments)  # skills that words can be left out of


def sample(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw one sentence and its reading; `english` is a list of any words, used as unknown things."""
    makers = (_good, _unfinished, _unknown, _wrong_kind, _odd_direction, _nothing)
    maker = makers[rng.choice(len(makers), p=(0.54, 0.04, 0.13, 0.04, 0.03, 0.22))]
    return maker(rng, split, english)


def _good(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw a complete instruction, its things called in full, in part or by a pronoun."""
    skill = DECLARED[rng.choice(len(DECLARED), p=[spoken(each.name).good_share for each in DECLARED])]
    if not skill.arguments:
        return compose(skill.name, Phrases(), rng, split), _reading(skill)
    target = _target(skill, rng, split)
    thing = _object(skill, rng, split)
    return _say(skill, thing, target, _direction(skill, rng), rng, split)


def _say(skill: Skill, thing: Reference, target: Reference, direction: str | None, rng, split) -> tuple[str, Reading]:
    called = with_direction(Phrases(thing.phrase, target.phrase), direction, rng, split)
    return compose(skill.name, called, rng, split), _reading(skill, thing, target, direction)


def _reading(
    skill: Skill, thing: Reference = ABSENT, target: Reference = ABSENT, direction: str | None = None
) -> Reading:
    return Reading(skill.name, thing.colour, thing.kind, target.colour, target.kind, direction or "none")


def _target(skill: Skill, rng: np.random.Generator, split: str) -> Reference:
    """Draw a phrase for a target of a skill; without a draw, ABSENT where it has none."""
    kinds = skill.kinds("target")
    return _reference(kinds[0], rng, split) if kinds else ABSENT


def _object(skill: Skill, rng: np.random.Generator, split: str) -> Reference:
    """Draw a phrase for an object of a skill."""
    return _reference(choose(skill.kinds("object"), rng), rng, split)


def _direction(skill: Skill, rng: np.random.Generator) -> str | None:
    """Draw a direction; without a draw, None where the skill has none."""
    return choose(tuple(DIRECTIONS), rng) if skill.takes("direction") else None


def _reference(kind: str, rng: np.random.Generator, split: str) -> Reference:
    """Draw a phrase for a thing of one kind in a random colour."""
    colour = choose(COLOURS, rng)
    noun = v.KIND_WORDS[kind].pick(rng, split)
    label = "box" if noun == "box" else kind
    said = v.COLOUR_WORDS[colour].pick(rng, split)
    draw = rng.random()
    if draw < 0.66:
        return Reference(v.NAME_FORMS.pick(rng, split).format(c=said, k=noun), colour, label)
    if draw < 0.76:
        return Reference(f"the {said} {_ONES.pick(rng, split)}", colour, "any")
    if draw < 0.79:
        return Reference(said if rng.random() < 0.5 else f"the {said}", colour, "any")
    if draw < 0.88:
        size = _SIZES.train[rng.integers(4)] + " " if rng.random() < 0.15 else ""
        return Reference(f"{('the', 'the', 'that')[rng.integers(3)]} {size}{noun}", "missing", label)
    if draw < 0.94:
        return Reference(_PRONOUNS.pick(rng, split), "missing", "it")
    if draw < 0.98:
        return Reference(
            *((f"the other {noun}", "other", label) if rng.random() < 0.5 else ("the other one", "other", "any"))
        )
    return Reference(("something", "one", "that one", "the thing")[rng.integers(4)], "missing", "any")


def _unfinished(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw an instruction that lacks its object, its target or its direction."""
    if rng.random() < 0.4:
        verb = spoken(PUSH.name).verbs.pick(rng, split)
        thing = _object(PUSH, rng, split)
        return f"{verb} {thing.phrase}", _reading(PUSH, thing)
    said = choose(_INCOMPLETE, rng)
    verbs = v.PLACE_VERBS if said.skill.takes("target") else said.verbs
    direction = _direction(said.skill, rng)
    if direction is not None:
        text = f"{verbs.pick(rng, split)} {v.DIRECTION_WORDS[direction].pick(rng, split)}"
        return text, _reading(said.skill, direction=direction)
    if said.skill.takes("target"):
        target = _target(said.skill, rng, split)
        text = f"{verbs.pick(rng, split)} {said.preposition} {target.phrase}"
        return text, _reading(said.skill, target=target)
    return verbs.pick(rng, split), _reading(said.skill)


def _unknown(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw a known skill with an unknown thing or colour as object or as target."""
    skill = DECLARED[rng.choice(len(DECLARED), p=[spoken(each.name).unknown_share for each in DECLARED])]
    direction = _direction(skill, rng)
    unknown = _strange(rng, split, english)
    if not skill.takes("target"):
        return _say(skill, unknown, ABSENT, direction, rng, split)
    target = _target(skill, rng, split)
    if rng.random() < 0.5:
        return _say(skill, unknown, target, None, rng, split)
    return _say(skill, _object(skill, rng, split), unknown, None, rng, split)


def _strange(rng: np.random.Generator, split: str, english: Sequence[str]) -> Reference:
    """Draw a noun phrase with an unknown colour or an unknown thing."""
    if rng.random() < 0.45:
        kind = KINDS[rng.choice(4, p=(0.4, 0.3, 0.15, 0.15))]
        noun = v.KIND_WORDS[kind].pick(rng, split)
        colour = choose(english, rng) if english and rng.random() < 0.2 else nonsense.UNKNOWN_COLOURS.pick(rng, split)
        return Reference(f"the {colour} {noun}", "unknown", "box" if noun == "box" else kind)
    thing = choose(english, rng) if english and rng.random() < 0.45 else nonsense.UNKNOWN_THINGS.pick(rng, split)
    colour = choose(COLOURS, rng) if rng.random() < 0.4 else None
    said = v.COLOUR_WORDS[colour].pick(rng, split) + " " if colour else ""
    return Reference(f"{('the', 'the', 'a', 'my')[rng.integers(4)]} {said}{thing}", colour or "missing", "unknown")


def _wrong_kind(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw an instruction with a fixed thing as the object, or a cylinder as the base of a stack."""
    if rng.random() < 0.3:
        thing = _object(STACK, rng, split)
        return _say(STACK, thing, _reference("cylinder", rng, split), None, rng, split)
    skill = choose((PUSH, LIFT, PLACE), rng)
    direction = _direction(skill, rng)
    target = _target(skill, rng, split)
    return _say(skill, _reference(choose(TARGET_KINDS, rng), rng, split), target, direction, rng, split)


def _odd_direction(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw a push in an unknown direction."""
    thing = _object(PUSH, rng, split)
    called = Phrases(thing.phrase, "", nonsense.UNKNOWN_DIRECTIONS.pick(rng, split))
    return compose(PUSH.name, called, rng, split), _reading(PUSH, thing, direction="unknown")


def _nothing(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Draw a sentence that asks for none of the skills."""
    if english and rng.random() < 0.2:
        return _word_salad(rng, split, english), Reading(NONE.name)
    return nonsense.not_a_skill(rng, split), Reading(NONE.name)


def _word_salad(rng: np.random.Generator, split: str, english: Sequence[str]) -> str:
    """Draw any English words, alone or as a verb before a known thing."""
    some = [choose(english, rng) for _ in range(int(rng.integers(1, 6)))]
    thing = _reference(choose(KINDS, rng), rng, split).phrase
    return (
        " ".join(some),
        f"{some[0]} {thing}",
        f"{some[0]} {thing} {' '.join(some[1:3])}",
        f"{some[0]} the {some[-1]}",
    )[rng.integers(4)]
