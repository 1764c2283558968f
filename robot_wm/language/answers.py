"""Answers to a person whose instruction cannot be carried out: what was wrong and what can be said instead."""

import re
from collections.abc import Mapping, Sequence

from robot_wm.goals import COLOURS, DECLARED, DIRECTIONS, TARGET_KINDS, kind_of
from robot_wm.language.lexicon import is_courtesy, without_courtesy
from robot_wm.language.skills import spoken

_NO_ORDER = re.compile(  # questions and statements: what does not begin with a verb
    r"^(?:what|who|whose|where|why|how|which|when|is|are|am|was|does|did|has|have|good|no|i|you|he|she|we|they|it|the|a|an"
    r"|this|that|these|those|there|my|your|never)\b"
)


def unknown_skill(clause: str) -> str:
    """Answer what asks for none of the skills, or is no order at all."""
    order = without_courtesy(clause)
    if is_courtesy(clause) or _NO_ORDER.match(order):
        return f"{_abilities()}; I don't know what to do about {_quoted(clause, True)}."
    return f"{_abilities()}; I don't know how to {_quoted(order)}."


def faulty(fault: str, clause: str, seen: Sequence[str]) -> str:
    """Answer a reading that no table could satisfy; `fault` is that of `Reading.fault`."""
    said = {
        "thing": f"I don't know that thing in {_quoted(clause, True)}; {see(seen)}.",
        "colour": f"I don't know that colour in {_quoted(clause, True)}; my things are {_listing(COLOURS, 'or')}. {_upper(see(seen))}.",
        "object": f"I don't know which thing you mean in {_quoted(clause, True)}; {see(seen)}.",
        "target": f"I don't know where to put it in {_quoted(clause, True)}; {see(seen)}.",
        "fixed": f"I can only move cubes and cylinders; {_listing([f'{kind}s' for kind in TARGET_KINDS], 'and')} stay where they are. {_upper(see(seen))}.",
        "base": f"I can only stack on a cube, not on a cylinder; {see(seen)}.",
        "direction": f"I don't know which way in {_quoted(clause, True)}; I can push {_listing(tuple(DIRECTIONS), 'or')}.",
        "way": f"I don't know how to push that way; I can push {_listing(tuple(DIRECTIONS), 'or')}.",
    }
    return said.get(fault) or unknown_skill(clause)


def absent(wanted: str, seen: Sequence[str]) -> str:
    """Answer a request about a thing that is not on the table."""
    return f"I see no {wanted}; {see(seen)}."


def ambiguous(candidates: Sequence[str]) -> str:
    """Ask which of several things is meant."""
    kinds = {kind_of(name) for name in candidates}
    if len(kinds) == 1:
        return f"I see {_count(len(candidates))} {kinds.pop()}s, {_listing([name.split(' ')[0] for name in candidates], 'and')}: which one?"
    return f"I see {_listing([f'the {name}' for name in candidates], 'and')}: which one?"


def no_antecedent(seen: Sequence[str]) -> str:
    """Answer "it" where no thing was named before."""
    return f"I don't know what 'it' is; {see(seen)}."


def unsure(clause: str, guess: str) -> str:
    """Answer a reading whose confidence is below the threshold."""
    return f"I am not sure what {_quoted(clause, True)} means; if you mean '{guess}', please say it like that. {_abilities()}."


def see(seen: Sequence[str]) -> str:
    """Return, for example, "I see a red cube and a blue bin"."""
    named = [f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in seen]
    return f"I see {_listing(named, 'and')}" if named else "I see nothing on the table"


def wanted(colour: str | None, kind: str | None) -> str:
    """Return words for a colour class and a kind class: "purple cube", "bin", "other red thing"."""
    noun: Mapping[str | None, str] = {"any": "thing", "it": "thing", "box": "box"}
    said = "" if colour in (None, "missing") else f"{colour} "
    return f"{said}{noun.get(kind, kind)}"


def _abilities() -> str:
    """Return "I can reach, push ... and go home"."""
    abilities = [ability for skill in DECLARED if (ability := spoken(skill.name).ability)]
    return f"I can {_listing(abilities, 'and')}"


def _quoted(clause: str, marks: bool = False) -> str:
    short = clause if len(clause) <= 60 else clause[:57] + "..."
    return f"'{short}'" if marks else short


def _listing(words: Sequence[str], joint: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(number, str(number))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
