"""Labelled sentences for training and measuring the reader: good ones, unfinished ones, unknown things, nonsense."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, SKILLS
from robot_wm.language import nonsense
from robot_wm.language import vocabulary as v
from robot_wm.language.reading import Reading
from robot_wm.language.vocabulary import words
from robot_wm.language.wordings import Phrases, compose, with_direction

_OBJECT_KINDS = {"reach": KINDS}  # every other skill moves cubes and cylinders
_TARGET_KINDS = {"place": "bin", "stack": "cube", "push_to": "pad"}
_ONES = words("one|one|thing|object", "one|item|piece|toy")
_PRONOUNS = words("it|it|it|that|this", "it|that|it")
_SIZES = words("small|big|little|large|other small", "tiny|huge|nearest|larger")


@dataclass(frozen=True)
class Reference:
    """A noun phrase and what it says."""

    phrase: str
    colour: str  # one of COLOUR_CLASSES
    kind: str  # one of KIND_CLASSES


ABSENT = Reference("", "missing", "absent")


def sample(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """One sentence and its reading; `english` is a list of any words, for things nobody listed."""
    makers = (_good, _unfinished, _unknown, _wrong_kind, _odd_direction, _nothing)
    maker = makers[rng.choice(len(makers), p=(0.54, 0.04, 0.13, 0.04, 0.03, 0.22))]
    return maker(rng, split, english)


def good(rng: np.random.Generator, split: str, skill: str, direction: str | None = None) -> tuple[str, Reading]:
    """A complete instruction for a skill, its things called in full, in part or by a pronoun."""
    if skill == "home":
        return compose(skill, Phrases(), rng, split), Reading(skill, "missing", "absent", "missing", "absent", "none")
    target = _reference(_TARGET_KINDS[skill], rng, split) if skill in _TARGET_KINDS else ABSENT
    thing = _reference(_pick(_OBJECT_KINDS.get(skill, KINDS[:2]), rng), rng, split)
    if skill == "push" and direction is None:
        direction = _pick(tuple(DIRECTIONS), rng)
    return _say(skill, thing, target, direction, rng, split)


def _say(skill: str, thing: Reference, target: Reference, direction: str | None, rng, split) -> tuple[str, Reading]:
    called = with_direction(Phrases(thing.phrase, target.phrase), direction, rng, split)
    reading = Reading(skill, thing.colour, thing.kind, target.colour, target.kind, direction or "none")
    return compose(skill, called, rng, split), reading


def _good(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    return good(rng, split, SKILLS[rng.choice(7, p=(0.15, 0.24, 0.15, 0.13, 0.14, 0.14, 0.05))])


def _reference(kind: str, rng: np.random.Generator, split: str) -> Reference:
    """A way to call a thing of one kind in a random colour."""
    colour = _pick(COLOURS, rng)
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
    """An instruction that lacks its object, its target or its direction."""
    if rng.random() < 0.4:
        verb = v.PUSH_VERBS.pick(rng, split)
        thing = _reference(_pick(KINDS[:2], rng), rng, split)
        return f"{verb} {thing.phrase}", Reading("push", thing.colour, thing.kind, "missing", "absent", "none")
    skill = _pick(("push", "lift", "place", "stack", "push_to", "reach"), rng)
    verbs = {"push": v.PUSH_VERBS, "lift": v.LIFT_VERBS, "reach": v.REACH_VERBS}.get(skill, v.PLACE_VERBS)
    if skill == "push":
        direction = _pick(tuple(DIRECTIONS), rng)
        text = f"{verbs.pick(rng, split)} {v.DIRECTION_WORDS[direction].pick(rng, split)}"
        return text, Reading("push", "missing", "absent", "missing", "absent", direction)
    if skill in _TARGET_KINDS:
        target = _reference(_TARGET_KINDS[skill], rng, split)
        preposition = {"place": "in", "stack": "on top of", "push_to": "onto"}[skill]
        text = f"{verbs.pick(rng, split)} {preposition} {target.phrase}"
        return text, Reading(skill, "missing", "absent", target.colour, target.kind, "none")
    return verbs.pick(rng, split), Reading(skill, "missing", "absent", "missing", "absent", "none")


def _unknown(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """A skill of ours with a thing or a colour that is not ours, as object or as target."""
    skill = SKILLS[rng.choice(6, p=(0.15, 0.25, 0.15, 0.2, 0.15, 0.1))]
    direction = _pick(tuple(DIRECTIONS), rng) if skill == "push" else None
    strange = _strange(rng, split, english)
    if skill not in _TARGET_KINDS:
        return _say(skill, strange, ABSENT, direction, rng, split)
    target = _reference(_TARGET_KINDS[skill], rng, split)
    if rng.random() < 0.5:
        return _say(skill, strange, target, None, rng, split)
    text, reading = _say(skill, _reference(_pick(KINDS[:2], rng), rng, split), strange, None, rng, split)
    family = reading.skill if strange.kind in KINDS else None  # which of the three it is, an unknown target cannot tell
    return text, Reading(
        family or skill, reading.object_colour, reading.object_kind, strange.colour, strange.kind, "none"
    )


def _strange(rng: np.random.Generator, split: str, english: Sequence[str]) -> Reference:
    """A noun phrase with an unknown colour or an unknown thing."""
    if rng.random() < 0.45:
        kind = KINDS[rng.choice(4, p=(0.4, 0.3, 0.15, 0.15))]
        noun = v.KIND_WORDS[kind].pick(rng, split)
        colour = _pick(english, rng) if english and rng.random() < 0.2 else nonsense.UNKNOWN_COLOURS.pick(rng, split)
        return Reference(f"the {colour} {noun}", "unknown", "box" if noun == "box" else kind)
    thing = _pick(english, rng) if english and rng.random() < 0.45 else nonsense.UNKNOWN_THINGS.pick(rng, split)
    colour = _pick(COLOURS, rng) if rng.random() < 0.4 else None
    said = v.COLOUR_WORDS[colour].pick(rng, split) + " " if colour else ""
    return Reference(f"{('the', 'the', 'a', 'my')[rng.integers(4)]} {said}{thing}", colour or "missing", "unknown")


def _wrong_kind(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """Something fixed as the object, or a cylinder as the base of a stack."""
    if rng.random() < 0.3:
        thing = _reference(_pick(KINDS[:2], rng), rng, split)
        return _say("stack", thing, _reference("cylinder", rng, split), None, rng, split)
    skill = _pick(("push", "lift", "place"), rng)
    direction = _pick(tuple(DIRECTIONS), rng) if skill == "push" else None
    target = _reference("bin", rng, split) if skill == "place" else ABSENT
    return _say(skill, _reference(_pick(KINDS[2:], rng), rng, split), target, direction, rng, split)


def _odd_direction(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """A push to nowhere that we know."""
    thing = _reference(_pick(KINDS[:2], rng), rng, split)
    called = Phrases(thing.phrase, "", nonsense.UNKNOWN_DIRECTIONS.pick(rng, split))
    return compose("push", called, rng, split), Reading(
        "push", thing.colour, thing.kind, "missing", "absent", "unknown"
    )


def _nothing(rng: np.random.Generator, split: str, english: Sequence[str]) -> tuple[str, Reading]:
    """No skill of ours at all."""
    if english and rng.random() < 0.2:
        return _word_salad(rng, split, english), Reading("none")
    return nonsense.not_a_skill(rng, split), Reading("none")


def _word_salad(rng: np.random.Generator, split: str, english: Sequence[str]) -> str:
    """Any English words, alone or as a verb before one of our things."""
    some = [_pick(english, rng) for _ in range(int(rng.integers(1, 6)))]
    thing = _reference(_pick(KINDS, rng), rng, split).phrase
    return (
        " ".join(some),
        f"{some[0]} {thing}",
        f"{some[0]} {thing} {' '.join(some[1:3])}",
        f"{some[0]} the {some[-1]}",
    )[rng.integers(4)]


def _pick(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
