"""Splits an instruction into clauses in the order of execution, with left-out words filled in.

Rules find where a clause may end; the readers decide whether the text on either side is a goal of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from robot_wm.language.lexicon import LIGHT_HEADS, Lexicon, is_courtesy, is_means_to, without_courtesy

Complete = Callable[[str], bool]  # whether a clause reads as a whole goal

_THEN = re.compile(
    r"\s*(?:[.;!?]+(?=\s|$)|,?\s*\b(?:and |but )?(?:then|after that|after this|afterwards?|after which"
    r"|followed by|subsequently|thereafter"
    r"|(?:once|when) (?:that is|that's|you are|you're|it is|it's) (?:done|finished)"
    r"|finally|lastly|last of all|secondly|thirdly|second|next up)\b[,:]?)\s*"
)
_NEXT = re.compile(r"(?:^|,\s*(?:and )?|\band |[.;]\s*)next,?\s+(?!to\b)")
_WEAK = re.compile(r"\s*(,\s*and also|,\s*and|\band also|\bas well as|\bplus|\band|&|,)\s+")
_NUMBERED = re.compile(r"(?:^|\s)\(?\d+[.)]\s+(?=[a-z])")
_FIRST = re.compile(
    r"\b(?:first of all|first off|to begin with|to start with|start by|begin by|start with|firstly|first)\b,?\s*"
    r"(?!one|cube|cylinder|block)"
)
_ORDERS = (  # tried in turn; each names what is done sooner and what later
    re.compile(r"^before (?:you )?(?P<later>[^,]+), ?(?P<sooner>.+)$"),
    re.compile(r"^(?:after|once|when|as soon as) (?!that\b|this\b)(?P<sooner>[^,]+), ?(?:then )?(?P<later>.+)$"),
    re.compile(r"^(?P<sooner>.+?),? but before (?:that|this),? (?P<later>.+)$"),
    re.compile(r"^(?P<sooner>.+?),? before (?:you )?(?P<later>.+)$"),
    re.compile(r"^(?P<later>.+?),? (?:after|once|as soon as) (?!that\b|this\b|which\b)(?P<sooner>.+)$"),
)
_BUT_BEFORE = re.compile(r"^(?P<later>.+?),? but (?:before (?:that|this)|first),? (?P<sooner>.+)$")
_HAVING = re.compile(
    r"^(?:you |you've |you have |have |having |the |is |are |done |finished |with )*(?=[a-z]+(?:ing|ed)\b|put\b|set\b)"
)
_INFLECTED = re.compile(r"\b([a-z]+?)(?:ing|ed)\b")
_IT = re.compile(r"\bit\b")
_PAIR_JOIN = r" (?:and|&) (?:also )?"


@dataclass(frozen=True)
class _Piece:
    """A stretch of text; `sure` where it certainly begins a clause, else `joint` connects it to the one before."""

    text: str
    sure: bool
    joint: str


class Splitter:
    """Splits text into clauses; `complete` tells whether a clause is a whole goal."""

    def __init__(self, lexicon: Lexicon, complete: Complete) -> None:
        self._lexicon = lexicon
        self._complete = complete
        verbs = "|".join(sorted(lexicon.verbs))
        self._orders = (
            *_ORDERS[:2],
            re.compile(rf"^before (?:you )?(?P<later>\w+ .+?) (?P<sooner>(?:please )?(?:{verbs})\b.+)$"),
            *_ORDERS[2:],
        )

    def __call__(self, text: str) -> list[str]:
        """Return the clauses of normalised text in the order of execution; at least one."""
        text = _FIRST.sub("", _NUMBERED.sub(" . ", text)) if not _BUT_BEFORE.match(text) else text
        clauses: list[str] = []
        for sentence in self._sentences(text):
            for part in self._in_order_of_doing(sentence):
                clauses += self._joined(self._pieces(part))
        filled = self._fill_in(clauses)
        return [each for clause in filled for each in self._spread(clause)] or [text]

    def _sentences(self, text: str) -> list[str]:
        return [each.strip() for each in re.split(r"(?:[.;!?]+(?:\s+|$))", text) if each.strip()]

    def _in_order_of_doing(self, text: str) -> list[str]:
        """Reorder "before B, A" and "B after A", verbs in their plain form."""
        for pattern in (_BUT_BEFORE, *self._orders):
            if match := pattern.match(text):
                return [self._imperative(match["sooner"]), self._imperative(match["later"])]
        return [text]

    def _imperative(self, text: str) -> str:
        """Put the first verb from gerund or participle into its plain form: "pushing the cube" -> "push the cube"."""
        text = _HAVING.sub("", text)
        return text if self._lexicon.opens_clause(text) else _INFLECTED.sub(self._plain_verb, text, count=1)

    def _plain_verb(self, match: re.Match[str]) -> str:
        stem = match.group(1)
        return next((guess for guess in (stem, stem + "e", stem[:-1]) if guess in self._lexicon.verbs), match.group())

    def _pieces(self, text: str) -> list[_Piece]:
        """Split at everything that may end a clause; drop what is only courtesy."""
        pieces: list[_Piece] = []
        for part in _THEN.split(_NEXT.sub(" . ", text)):
            cut = ["", *_WEAK.split(f"{part} ")]  # joint, text, joint, text ...
            texts = [(joint.strip(), text.strip(" ,:")) for joint, text in zip(cut[::2], cut[1::2], strict=True)]
            weak = [(joint, text) for joint, text in texts if text]
            pieces += [_Piece(text, number == 0, joint) for number, (joint, text) in enumerate(weak)]
        return [piece for piece in pieces if piece.text in LIGHT_HEADS or not is_courtesy(piece.text)]

    def _joined(self, pieces: list[_Piece]) -> list[str]:
        """Join pieces again where the split was inside a clause."""
        clauses: list[str] = []
        for piece in pieces:
            if not clauses or piece.sure or self._parts(clauses[-1], piece.text):
                clauses.append(piece.text)
            else:
                clauses[-1] += f"{',' if piece.joint == ',' else ' and'} {piece.text}"
        return clauses

    def _parts(self, left: str, right: str) -> bool:
        """Whether a comma or an "and" between two pieces parts two clauses."""
        if (
            {left, without_courtesy(left)} & LIGHT_HEADS
            or self._lexicon.is_leaning(left)
            or self._lexicon.is_noun_phrase(left)
        ):
            return False
        if is_means_to(left, right) or self._lexicon.is_leaning(right):
            return False
        right_is_clause = self._lexicon.opens_clause(right) and not self._lexicon.is_noun_phrase(right)
        return right_is_clause or self._complete(left)

    def _fill_in(self, clauses: list[str]) -> list[str]:
        """Complete a clause that is only a thing, or only a direction, with the words of the one before it."""
        filled: list[str] = []
        for clause in clauses:
            is_thing = self._lexicon.is_noun_phrase(clause)
            if filled and self._lexicon.is_noun_phrase(filled[-1]) and _IT.search(clause):  # "the bin. touch it"
                clause = _IT.sub(without_courtesy(filled.pop()), clause, count=1)
            elif filled and is_thing and _IT.search(filled[-1]):  # "push it left, the red cube"
                clause = _IT.sub(without_courtesy(clause), filled.pop(), count=1)
            elif filled and is_thing:
                clause = self._lexicon.noun_phrase.sub(without_courtesy(clause), filled[-1], count=1)
            elif filled and self._lexicon.is_only_direction(clause):
                clause = f"push it {clause}"
            filled.append(clause)
        return filled

    def _spread(self, clause: str) -> list[str]:
        """Make "put the red cube and the green cube in the bin" two goals."""
        phrase = self._lexicon.noun_phrase.pattern
        pair = re.search(rf"({phrase}){_PAIR_JOIN}({phrase})", clause)
        if pair is None or " with " in clause:
            return [clause]
        return [clause[: pair.start()] + each + clause[pair.end() :] for each in (pair.group(1), pair.group(2))]
