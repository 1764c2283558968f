"""Word lists and patterns that complement the learned readers: noun phrases in their simplest form, and courtesy.

The lexicon knows synonyms of the colours and kinds and where a noun phrase begins and ends. The readers decide what a
clause asks for, which thing is object or target, and which things are unknown.
"""

import re
from collections.abc import Mapping, Sequence

from robot_wm.goals import COLOURS
from robot_wm.language import vocabulary as v
from robot_wm.language.skills import SPOKEN
from robot_wm.language.vocabulary import Words, words

SPLITS = ("train", "heldout")
# Words that may stand before an instruction, or after it, and ask for nothing themselves.
COURTESY = frozenset(
    words(
        "please|kindly|thanks|thank|you|ok|okay|now|hey|hi|hello|dear|robot|arm|robo|well|so|alright|right-now|cheers|"
        "buddy|mate|friend|quickly|slowly|gently|carefully|soon|immediately|quick|fast|careful|nice|cool|great|"
        "perfect|good|sure|yes|um|uh|erm|hmm|just|also|too|as|first|firstly|finally|lastly|then|could|can|would|"
        "will|be|my|want|need|i'd|like|me|for|that's|all|done|and|if|possible|when|ready|pls|plz|thx|sir|listen|"
        "everybody|very|much|a|lot|the|to|it|steady|us|ahead|i|we"
    ).train
)
# Pieces that begin a sentence and lean on what follows "and": "go and touch the cube".
LIGHT_HEADS = frozenset(
    ("go", "go ahead", "go on", "try", "come", "come on", "would you mind", "be so kind", "reach out", "move")
)
_MEANS = re.compile(r"^(?:\w+ ){0,4}?(?:take|grab|get|fetch|grasp|seize|catch|collect)\b")
_MEANS_THEN = re.compile(
    r"(?:put|place|drop|set|stack|leave|push|throw|move|bring|lay|slide|toss|deposit|lift|raise|hold|pull|shove) (?:it|that|them)\b"
)
_USE = re.compile(r"^(?:\w+ ){0,4}?use\b")
_ON_IT = re.compile(r"\b(?:on|onto|on top of|in|into|inside) (?:it|that|there)$")
_ASKS_NOTHING = re.compile(
    r"^(?:(?:hold|keep) (?:it|that)(?: (?:up|there|steady|still|high|in the air|for \w+|when you are ready))*"
    r"|do (?:me|us) a fav(?:ou|o)r|(?:it would be|it'd be) (?:great|nice|lovely) if you(?: could(?: go)?)?|be so kind|would you mind"
    r"|(?:we|i|you)(?: are| am|'re|'m)(?: all)? (?:done|finished|ready)"
    r"|(?:(?:if|when|whenever|once) )?you(?:'d|'ve)? (?:\S+ ){0,4}?(?:kind|mind|moment|minute|second|chance|time)"
    r"|if (?:it|that)(?:'s| is) (?:not too much|no) (?:trouble|bother)"
    r"|(?:that|this|it)(?:'d|'ll| would| will) be (?:(?:so|very|really) )?(?:great|nice|lovely|wonderful|kind|helpful)(?: of you)?"
    r"|i(?:'d| would) (?:(?:really|greatly) )?(?:appreciate (?:it|that)|be (?:grateful|glad|happy))"
    r"|(?:hey|hi|hello) there|good (?:morning|afternoon|evening|day)|(?:excuse|pardon) me|sorry|many thanks"
    r"|thank you (?:so|very) much)$"
)
_LEANING = re.compile(
    r"^(?:in|into|inside|on|onto|on top of|atop|upon|to|towards?|at|left|right|forwards?|backwards?|leftwards?|rightwards?|away|with|over|from|back|up)\b"
)
_DETERMINERS = "the|a|an|that|this|your|my|our"
_SIZES = "small|little|tiny|big|large|bright|dark|light|pale|nice|same|wooden|plastic"
_ORDINALS = "other|second|last|first"
_COLOURED = r"(?:[- ]?colou?red)?"
_PLACE_TAIL = r"(?: (?:that is |which is |that's )?(?:(?:lying |sitting |standing )?on (?:the|your) table|over there|right there))?"
_EXTRA_VERBS = words(
    "return|go|pick|come|head|build|make|give|bring|let|park|rest|fetch|toss|throw|hold|pile|catch|release"
).train
_EXTRA_NOUNS = ("one", "thing", "object", "item", "piece", "toy")
_PLAIN_NOUNS = "cube|cylinder|block|cylinders|cubes|blocks"  # nouns that need no article to be one


class Lexicon:
    """Synonyms and noun phrases, of the training split alone or of both splits."""

    def __init__(self, splits: Sequence[str] = SPLITS) -> None:
        self._colours = _synonyms(v.COLOUR_WORDS, splits)
        self._kinds = _synonyms(v.KIND_WORDS, splits) | dict.fromkeys(_EXTRA_NOUNS, "one") | {"box": "box"}
        colour, kind = _any_of(self._colours), _any_of(self._kinds)
        adjectives = rf"(?:(?:{_SIZES}|{_ORDINALS}|{colour}){_COLOURED},? )"
        strict = rf"(?:(?P<det>(?:{_DETERMINERS}) )(?P<a>{adjectives}*)(?P<k>{kind})|(?P<a2>{adjectives}+)(?P<k2>{kind})|(?P<k3>{_PLAIN_NOUNS}|{kind}(?=,? (?:that is|which is|that's|in) {colour}\b(?! {kind}))))"
        tail = rf"(?:,? (?:that is|which is|that's|that are|the|in) (?P<p>{colour})(?: one)?\b(?! (?:{colour} )?(?:{kind})))?"
        self._noun_phrase = re.compile(rf"\b{strict}\b{tail}{_PLACE_TAIL}")
        plain = rf"(?:(?:{_DETERMINERS}) )?(?:(?:{'|'.join(v.COLOUR_WORDS)}|pink|black|white|brown|gr[ea]y) )?(?:{'|'.join(v.COLOUR_WORDS)}|cube|cylinder|pad|bin|box|one)"
        bare = rf"(?:(?:{_DETERMINERS}|other) )*(?:(?:{colour}|other|pink|black|white|brown|gr[ea]y) )*(?:{'|'.join(v.COLOUR_WORDS)}|cubes?|cylinders?|pad|bin|box|one)"
        self.noun_phrase = re.compile(rf"\b(?:{bare}|{plain})\b")
        ways = [way for choices in v.DIRECTION_WORDS.values() for way in _listed(choices, SPLITS)]
        self._only_direction = re.compile(
            rf"^(?:then |and |also |now |again |it |move it )*{_any_of(ways)}(?: again| please)?$"
        )
        verbs = (v.PULL_VERBS, *(each.verbs for each in SPOKEN))
        self.verbs = frozenset(
            [verb.split(" ")[0] for choices in verbs for verb in _listed(choices, SPLITS)] + list(_EXTRA_VERBS)
        )

    def simplest(self, text: str) -> str:
        """Put noun phrases in their simplest words: "that tiny scarlet brick over there" -> "the red cube"."""
        return self._noun_phrase.sub(self._simplest_phrase, text)

    def _simplest_phrase(self, match: re.Match[str]) -> str:
        adjectives = match["a"] or match["a2"] or ""
        colours = [match["p"]] if match["p"] else re.findall(rf"\b{_any_of(self._colours)}\b", adjectives)
        colour = self._colours[colours[-1]] if colours else ""
        ordinal = next((word for word in re.findall(_ORDINALS, adjectives)), "")
        kind = match["k"] or match["k2"] or match["k3"]
        det = "the" if match["det"] else ""
        return " ".join(part for part in (det, ordinal, colour, self._kinds.get(kind, kind)) if part)

    def anonymous(self, text: str) -> tuple[str, dict[str, str]]:
        """Replace colours by stand-ins in order of appearance; return the text and what each stands for.

        Which thing is object or target does not depend on its colour, so a reader need not learn it for every pair.
        """
        found = list(dict.fromkeys(re.findall(rf"\b{_any_of(COLOURS)}\b", text)))
        stands_for: dict[str, str] = dict(zip(COLOURS, found, strict=False))
        stand_in = {colour: other for other, colour in stands_for.items()}
        return re.sub(rf"\b{_any_of(COLOURS)}\b", lambda match: stand_in[match.group()], text), stands_for

    def is_noun_phrase(self, piece: str) -> bool:
        """Whether a piece names a thing and nothing else: "the green one"."""
        return self.noun_phrase.fullmatch(without_courtesy(piece)) is not None

    def is_only_direction(self, piece: str) -> bool:
        """Whether a piece says only which way: "to the left"."""
        return self._only_direction.match(piece) is not None

    def opens_clause(self, piece: str) -> bool:
        """Whether a piece starts with a verb of a skill, courtesy aside."""
        return without_courtesy(piece).split(" ")[0] in self.verbs

    def is_leaning(self, piece: str) -> bool:
        """Whether a piece is only where or which way, and belongs to its neighbour: "to the left"."""
        return _LEANING.match(piece) is not None and not self.opens_clause(piece)


def is_courtesy(piece: str) -> bool:
    """Whether a piece of text only greets, asks nicely or fills; it asks for nothing."""
    words_in = re.findall(r"[^\W_]+(?:'[a-z]+)?", piece)
    return all(word in COURTESY for word in words_in) or _ASKS_NOTHING.match(piece) is not None


def is_means_to(left: str, right: str) -> bool:
    """Whether "take the cube" and "put it in the bin" are one goal."""
    if _USE.match(left):
        return _ON_IT.search(right) is not None
    return _MEANS.match(left) is not None and _MEANS_THEN.match(right) is not None


def without_courtesy(piece: str) -> str:
    """Return a piece without the courtesy around it."""
    words = piece.strip(" ,").split(" ")
    while len(words) > 1 and words[0] in COURTESY - {"the", "a", "it", "go", "hold", "keep", "first"}:
        words = words[1:]
    while len(words) > 1 and words[-1] in ("please", "too", "now", "thanks", "pls", "also", "well", "as"):
        words = words[:-1]
    return " ".join(words[1:] if words[0] == "to" and len(words) > 2 and words[1] != "the" else words)


def _listed(words: Words, splits: Sequence[str]) -> list[str]:
    return [each for split in splits for each in getattr(words, split)]


def _synonyms(lists: Mapping[str, Words], splits: Sequence[str]) -> dict[str, str]:
    """Map every listed word to the plain name it stands for; "box" may be two kinds and stays."""
    return {word: plain for plain, words in lists.items() for word in _listed(words, splits) if word != "box"}


def _any_of(words: Sequence[str] | Mapping[str, str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) + ")"
