"""A grammar of English wordings of each task: captions for training data, and held-out wordings for measuring.

Held-out wordings use whole templates, verbs and synonyms that the training split never sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from robot_wm.goals import Task
from robot_wm.language import vocabulary as v
from robot_wm.language.vocabulary import Words, words

# {v} verb, {o} object, {t} target, {d} direction, {p} preposition, {O} and {T} without article.
TEMPLATES: Mapping[str, Words] = {
    "push": words(
        "{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{d}, {v} {o}|give {o} a push {d}|{O} {d}|{o} should go {d}|i want {o} pushed {d}"
        "|make {o} go {d}|{o}: {d}|move {o} so that it is more {d}|{d}: {O}|{v} {d} {o}|{o} needs to go {d}|{o} goes {d}|use the gripper to push {o} {d}|i need {o} to move {d}|{v} {o} {d} a bit|push against {o} so that it moves {d}|{o} has to be pushed {d}",
        "{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{o} must be moved {d}|i would like to see {o} {d} of where it is now|{O}, {d}|get {o} to move {d}"
        "|take {o} and push it {d}|it's {o} that i want moved {d}|{v} {o} some way {d}",
    ),
    "lift": words(
        "{v} {o}|{v} {o}|{v} {o}|{v} {o} off the table|{v} {o} into the air|lift {o} up|pick {o} up|i want {o} in the air|{o} up|lift: {O}"
        "|raise {o} above the table|{o} should be lifted|give {o} a lift|get {o} off the table|{O} lift|i need {o} lifted|lift {o} and hold it|{v} {o} up in the air|take {o} in your gripper|lift {o} a few centimetres|{v} {o} and keep it up",
        "{v} {o}|{v} {o}|{v} {o} from the table|{O}: up in the air|hold {o} up high|{o} has to come up|let me see {o} in the air"
        "|bring {o} up off the surface|{o}, pick it up|have {o} lifted",
    ),
    "reach": words(
        "{v} {o}|{v} {o}|{v} {o}|{v} {o}|reach out to {o}|move your gripper to {o}|put your gripper near {o}|move the arm to {o}|touch {o} with the gripper"
        "|go next to {o}|reach: {O}|go and touch {o}|go right up to {o}|{o}: touch it|move your hand to {o}|move close to {o}|put your hand on {o}|bring the arm to {o}|be at {o}|go to where {o} is|place the gripper above {o}|stretch your arm to {o}|get the gripper to {o}|move the tool tip to {o}|move the hand over to {o}",
        "{v} {o}|{v} {o}|{v} {o}|bring the gripper close to {o}|place your fingertips at {o}|your hand should be at {o}|get near {o}|position the gripper over {o}"
        "|{o}, go there|let the tip of the gripper touch {o}|stretch out to {o}",
    ),
    "place": words(
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} put {o}|{o} goes {p} {t}|i want {o} in {t}|{O} {p} {T}|{T}: {O}|take {o} and put it in {t}"
        "|grab {o} and drop it into {t}|{o} belongs in {t}|fill {t} with {o}|{o} should be {p} {t}|{O} -> {T}|use {t} for {o}|{T}, {O} inside|{t} gets {o}|{t} is the place for {o}|{t} is where {o} belongs|make sure {o} is in {t}",
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{t} is where {o} should go|let {o} fall into {t}|get {o} and leave it in {t}|into {t} goes {o}|make sure {o} ends up in {t}"
        "|{t} should contain {o}|{o} must be put away in {t}|throw {o} away into {t}",
    ),
    "stack": words(
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} put {o}|{o} goes on top of {t}|i want {o} on top of {t}|{O} on {T}"
        "|take {o} and put it on top of {t}|make a tower with {o} on {t}|{o} should be on top of {t}|{O} on top of {T}|{t} with {o} on top|use {t} as a base for {o}|make sure {o} is on top of {t}|{t} gets {o} on top",
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|build a tower: {O} over {T}|{t} should have {o} on top|get {o} and leave it on top of {t}|on top of {t} goes {o}"
        "|make sure {o} ends up on top of {t}|{o} has to sit on {t}|use {t} as the base and put {o} on it",
    ),
    "push_to": words(
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} push {o}|{o} goes on {t}|i want {o} on {t}|{O} to {T}|take {o} and put it on {t}"
        "|{o} should be on {t}|{O} -> {T}|{o} belongs on {t}|{v} {o} until it is on {t}|{T}: {O}|{O} on {T}|cover {t} with {o}|{t} is the place for {o}|{t} is where {o} belongs|{t} gets {o}|make sure {o} is on {t}|{t}, {O} onto it",
        "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{t} is where {o} should go|get {o} and leave it on {t}|onto {t} goes {o}|make sure {o} ends up on {t}"
        "|{o} has to be on {t}|let {t} have {o} on it|park {o} on {t}",
    ),
    "home": words(
        "go home|go home|return home|home|go back home|go back to start|rest|park|park the arm|go to your rest position|move to the home position|return to the rest pose"
        "|back to the start position|move back home|go to rest|come home|take a rest|reset the arm|reset your position|return to the starting position|reset"
        "|arm home|go to the home pose|move the arm back to its rest pose|drive home|retract the arm|home position|home please|go to start|return to start|rest position|go back to where you started|move to your home position|go to sleep position|return to your rest pose|go to your starting pose|back home|assume the rest position|return to home|stow yourself|back to rest",
        "head home|return to base|back to where you started|retreat to the parking position|resume your resting pose|bring the arm home|go back to your initial pose"
        "|assume the home pose|return to your default position|park yourself|rest the arm|get back to the starting pose|move to rest|time to go home"
        "|take the arm back to rest|stow the arm|arm back to the initial position",
    ),
}

VERBS: Mapping[str, Words] = {
    "push": v.PUSH_VERBS,
    "lift": v.LIFT_VERBS,
    "reach": v.REACH_VERBS,
    "place": v.PLACE_VERBS,
    "stack": v.STACK_VERBS,
    "push_to": v.PUSH_TO_VERBS,
    "home": words("go"),
}
PREPOSITIONS: Mapping[str, Words] = {"place": v.IN_WORDS, "stack": v.TOP_WORDS, "push_to": v.ONTO_WORDS}


@dataclass(frozen=True)
class Phrases:
    """What a sentence is filled with: noun phrases and a direction; empty where the skill has none."""

    object: str = ""
    target: str = ""
    direction: str = ""
    pull: bool = False  # towards the speaker's robot, where pulling is another word for pushing


def caption(task: Task, rng: np.random.Generator, split: str = "train") -> str:
    """One English wording of `task`, objects named in full; `split` is "train" or "heldout"."""
    called = [describe(name, rng, split, allow_box=task.skill != "reach") for name in task.names]
    thing, target = [*called, "", ""][:2]
    return compose(task.skill, with_direction(Phrases(thing, target), task.direction, rng, split), rng, split)


def with_direction(called: Phrases, direction: str | None, rng: np.random.Generator, split: str) -> Phrases:
    """Phrases with words for a direction of the grammar; None leaves them as they are."""
    if direction is None:
        return called
    return replace(called, direction=v.DIRECTION_WORDS[direction].pick(rng, split), pull=direction == "backward")


def describe(name: str, rng: np.random.Generator, split: str, allow_box: bool = True) -> str:
    """A noun phrase for one of the 24 names; "box" (cube or bin) only where the context tells which."""
    colour, kind = name.split(" ")
    noun = v.KIND_WORDS[kind].pick(rng, split)
    while noun == "box" and not allow_box:
        noun = v.KIND_WORDS[kind].pick(rng, split)
    form = v.NAME_FORMS.pick(rng, split)
    return with_article(form.format(c=v.COLOUR_WORDS[colour].pick(rng, split), k=noun))


def compose(skill: str, called: Phrases, rng: np.random.Generator, split: str) -> str:
    """Put a skill into words with the given phrases for its things, with politeness now and then."""
    template = TEMPLATES[skill].pick(rng, split)
    verbs = v.PULL_VERBS if called.pull and rng.random() < 0.3 else VERBS[skill]
    filled = template.format(
        v=verbs.pick(rng, split),
        o=called.object,
        t=called.target,
        O=bare(called.object),
        T=bare(called.target),
        d=called.direction,
        p=PREPOSITIONS[skill].pick(rng, split) if skill in PREPOSITIONS else "",
    )
    imperative = template.startswith(("{v}", "go", "return", "move", "put", "take", "lift", "pick", "reach"))
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
    """A noun phrase without its article: "the red cube" -> "red cube"."""
    first, _, rest = phrase.partition(" ")
    return rest if first in ("the", "a", "an", "that", "this", "your") else phrase


def with_article(phrase: str) -> str:
    """Mend "a orange cube" to "an orange cube"."""
    return "an" + phrase[1:] if phrase.startswith("a ") and phrase[2] in "aeiou" else phrase
