"""Plain lists that complement the learned reader: what is only politeness, what is a noun phrase, which words open a clause.

Splitting needs to know where a noun phrase begins and ends; the reader says what a clause means.
"""

import re

from robot_wm.language import vocabulary as v
from robot_wm.language.vocabulary import Words

# Words that may stand before an instruction, or after it, and ask for nothing themselves.
COURTESY = frozenset(
    "please kindly thanks thank you ok okay now hey hi hello dear robot arm robo well so alright right-now cheers buddy mate friend quickly slowly"
    " gently carefully again soon immediately quick fast careful nice cool great perfect good sure yes um uh erm hmm just also too as next first firstly"
    " finally lastly then there could can would will be my want need i'd like me for that's all done and if possible when ready pls plz thx sir"
    " listen up everybody very much a lot the to do it hold keep steady let us let's go ahead try i we".split()
)
# Whole pieces that begin a sentence and lean on what follows "and": "go and touch the cube".
LIGHT_HEADS = frozenset(
    ("go", "go ahead", "go on", "try", "come", "come on", "please go", "would you mind", "be so kind", "could you go", "can you go", "reach out", "please try")
)
MEANS_VERBS = re.compile(r"^(?:\w+ ){0,4}?(take|grab|get|fetch|grasp|seize|catch|collect)\b")

_DETERMINERS = "the|a|an|that|this|your|my|our|some|each|both|teh"
_SIZES = "small|little|tiny|big|large|bright|dark|light|pale|other|first|second|last|same|nice|round|square|cubic|cylindrical|wooden|plastic"


def _alternatives(*choices: Words) -> list[str]:
    return [word for each in choices for word in each.train + each.heldout]


def _pattern(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_COLOUR = _pattern(_alternatives(*v.COLOUR_WORDS.values()) + ["black", "white", "pink", "brown", "grey", "gray", "turquoise", "silver", "golden", "gold"])
_KIND = _pattern(_alternatives(*v.KIND_WORDS.values()) + ["one", "thing", "object", "item", "piece", "cubes", "blocks", "cylinders", "ones"])
_ADJECTIVES = rf"(?:(?:{_SIZES}|{_COLOUR})(?:[- ]colou?red)? )*"
_NAMED = rf"(?:(?:{_DETERMINERS}) )?{_ADJECTIVES}(?:{_KIND})(?: (?:that|which) is (?:{_COLOUR}))?"
_COLOUR_ONLY = rf"(?:(?:{_DETERMINERS}) )?(?:(?:{_SIZES}) )*(?:{_COLOUR})"
NOUN_PHRASE = re.compile(rf"\b(?:{_NAMED}|{_COLOUR_ONLY})\b")
PRONOUN = re.compile(r"\b(?:it|that|this|them)\b")

_WAYS = _alternatives(*v.DIRECTION_WORDS.values())
ONLY_DIRECTION = re.compile(rf"^(?:then |and |also |now )*(?:{_pattern(_WAYS)})(?: again)?$")
_LEANING = re.compile(r"^(?:in|into|inside|on|onto|on top of|atop|to|towards?|at|left|right|forwards?|backwards?|away|with|over|from|back|up)\b")

_VERB_WORDS = {word.split(" ")[0] for word in _alternatives(v.PUSH_VERBS, v.PULL_VERBS, v.LIFT_VERBS, v.REACH_VERBS, v.PLACE_VERBS, v.STACK_VERBS, v.PUSH_TO_VERBS)}
VERBS = frozenset(_VERB_WORDS | {"return", "go", "pick", "come", "head", "build", "make", "give", "bring", "let", "park", "rest", "fetch", "toss", "throw"}) - {"up"}


def is_courtesy(piece: str) -> bool:
    """Whether a piece of text only greets, asks nicely or fills; it asks for nothing."""
    return all(word in COURTESY for word in re.findall(r"[a-z'-]+", piece)) and not re.search(r"\d", piece)


def is_noun_phrase(piece: str) -> bool:
    """Whether a piece names a thing and nothing else: "the green one"."""
    return NOUN_PHRASE.fullmatch(_without_courtesy(piece)) is not None


def is_leaning(piece: str) -> bool:
    """Whether a piece is only where or which way, and belongs to what follows: "to the left"."""
    return _LEANING.match(piece) is not None and not opens_clause(piece)


def opens_clause(piece: str) -> bool:
    """Whether a piece starts with a verb of ours, courtesy aside."""
    first = _without_courtesy(piece).split(" ")[0]
    return first in VERBS


def _without_courtesy(piece: str) -> str:
    words = piece.strip(" ,").split(" ")
    while len(words) > 1 and words[0] in COURTESY - {"the", "a", "it", "go", "hold", "keep"}:
        words = words[1:]
    while len(words) > 1 and words[-1] in ("please", "too", "now", "thanks", "pls", "also", "well", "as"):
        words = words[:-1]
    return " ".join(words)
