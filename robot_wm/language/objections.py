"""Rules for words that negate, condition or repeat an order: not, except, instead of, if, twice, out of, next to.

The readers overlook such words and would do what was forbidden. These rules come first: an instruction with such words
is refused, and the answer says why. Knows nothing of the table.
"""

import re
from dataclasses import dataclass

from robot_wm.goals import TARGET_KINDS
from robot_wm.language.text import clean

_POLITE = re.compile(  # negative in form only
    r"\b(?:why (?:don'?t|do not) (?:you|we)|(?:ca|could|would|wo|do|did)n'?t (?:you|we)"
    r"|(?:can|could|would|will) you not"
    r"|why not|(?:don'?t|do not|never) (?:forget|hesitate|worry|bother|stop until|be shy)"
    r"|if (?:you )?(?:don'?t|do not|wouldn'?t|would not) mind|whether or not|or not|not too|not so|not yet|not only"
    r"|wouldn'?t (?:it|mind)|isn'?t it|aren'?t you|no not)\b"
)
_THING = "cubes?|blocks?|bricks?|cylinders?|cans?|tins?|tubes?|ones?|things?|objects?|items?|pieces?|dice|die"
_NEAR = (
    "next to|beside|near(?:est)?|close(?:st)? to|close by|(?:(?:to|on) the )?(?:left|right) of(?! where)|behind"
    "|in front of|between|under(?:neath)?|closest|furthest|farthest"
)
_NOT_OUT = "I can put things in, on or onto something, and lift them, but not take them out or off."


@dataclass(frozen=True)
class Rule:
    """Words because of which an order is refused, and the answer."""

    words: re.Pattern[str]
    reason: str  # as `Refusal.reason`
    answer: str


_WHOLE = (  # tried on all that was said
    Rule(
        re.compile(r"\bnon-\w|\b(?:except|other than|apart from|but not|excluding|is not|isn'?t|are not|aren'?t)\b"),
        "negation",
        "I can't tell things by what they are not; name the one you mean.",
    ),
    Rule(re.compile(r"\b(?:instead of|rather than)\b"), "negation", "Tell me only what to do, not what else I might."),
    Rule(re.compile(r"\bun-?stack"), "inverse", _NOT_OUT),
    Rule(
        re.compile(
            r"\b(?:not|never|neither|nor|no need|refrain|cannot)\b"
            r"|\b(?:do|does|must|should|need|may|wo|would|ca|ai)n'?t\b"
            r"|\b(?:keep|leave|hold)\b[^,.;]*\b(?:out of|away from|off (?:the|that) (?!table|ground|surface|desk))"
        ),
        "negation",
        "I can be told what to do, not what to leave; say what I should do.",
    ),
    Rule(
        re.compile(
            r"\bunless\b|\b(?:only|even) if\b"
            r"|\bif (?:the|there|an?|any|all|both|it (?:is|was) (?:on|in)|it'?s (?:on|in))\b"
            r"|\bwhen(?:ever)? i\b|\bin (?:\d+|an?|one|two|three|five|ten) (?:s|secs?|seconds?|min|minutes?|hours?)\b"
        ),
        "condition",
        "I can't wait for something or decide by it; tell me what to do when it is time.",
    ),
    Rule(
        re.compile(rf"\beither\b|\bor (?:(?:the |a )?(?:\w+ )?(?:{_THING}|pad|bin|box)|in|into|on|onto)\b"),
        "choice",
        "I can't choose between things; name the one you mean.",
    ),
    Rule(
        re.compile(
            r"\b(?:twice|thrice|again and again|repeatedly|(?:\d+|two|three|four|five|ten|several|many|a few) times)\b"
            rf"|\b(?:both|two|three|four|five|\d+) (?:of (?:the|them) ?)?(?:\w+ )?(?:{_THING})\b"
        ),
        "count",
        "I do one thing with one thing at a time; say each by itself, joined by 'then'.",
    ),
)
RELATION = Rule(
    re.compile(rf"\b(?:{_THING}) (?:that is |that's |which is |lying |standing |sitting )?(?:the )?(?:{_NEAR})\b"),
    "relation",
    "I can't find things by what is beside them; name colour and kind.",
)
OUT = Rule(
    re.compile(r"\bout of\b|\b(?:off|from) (?:of )?(?:the |that |a )?(?:\w+ )?(?:pad|bin|box|top)\b"),
    "inverse",
    _NOT_OUT,
)
FROM = Rule(
    re.compile(
        r"\b(?<!away )from (?:the |your |my )?(?:left|right|front|back)\b(?! (?:to|hand side to|side to)\b)"
        rf"|\baway from (?:the )?(?:left|right|(?:\w+ )?(?:{_THING}|pad|bin|box))\b"
    ),
    "inverse",
    "I don't know which way that is; I can push left, right, forward or backward.",
)
_FIXED = re.compile(
    rf"^(?:\w+ ){{0,4}}?(?:put|place|stack|set|move|drop|lay|carry|bring|take|get|push|pile) "
    rf"(?:the |a |an |that |this |your )?(?:\w+ )?(?:{'|'.join(TARGET_KINDS)})s?\b(?! (?:the|a|that)\b)"
)


@dataclass(frozen=True)
class Objection:
    """Why something is refused, whatever is on the table."""

    reason: str
    words: str


def to_instruction(instruction: str) -> Objection | None:
    """Return the first objection to an instruction as it was typed, None where there is none."""
    text = _POLITE.sub(" ", clean(instruction))
    return _first(_WHOLE, text)


def to_clause(clause: str, rules: tuple[Rule, ...]) -> Objection | None:
    """Return the first objection to a clause of normalised text by the rules of its skill, None where there is none."""
    return _first(rules, clause)


def moves_fixed_thing(clause: str) -> bool:
    """Whether a clause asks to put a pad or a bin somewhere."""
    return _FIXED.match(clause) is not None


def _first(rules: tuple[Rule, ...], text: str) -> Objection | None:
    return next((Objection(rule.reason, rule.answer) for rule in rules if rule.words.search(text)), None)
