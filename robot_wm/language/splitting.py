"""One typed text to the clauses in it, in the order in which they are to be done, with left-out words filled in.

Rules find where a clause may end; the reader says whether what stands on either side is a goal of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from robot_wm.language import lexicon

Complete = Callable[[str], bool]  # whether a clause reads as a whole goal

_THEN = re.compile(
    r"\s*(?:[.;!?\n]+(?=\s|$)|,?\s*\b(?:and |but )?(?:then|after that|after this|afterwards?|after which|followed by|subsequently|thereafter|next up|once that is done"
    r"|when (?:that is|that's|you are|you're|it is|it's) done|finally|lastly|last of all|secondly|thirdly|second|third)\b[,:]?)\s*"
)
_NEXT = re.compile(r"(?:^|,|\band\b|\.)\s*next,?\s+(?!to\b)")
_WEAK = re.compile(r"\s*(?:,\s*and also|,\s*and|\band also|\bas well as|\bplus|\band|&|,)\s+")
_NUMBERED = re.compile(r"(?:^|\s)\(?\d+[.)]\s+(?=[a-z])")
_FIRST = re.compile(r"\b(?:first of all|first off|to begin with|to start with|start by|begin by|firstly|first)\b,?\s*(?!one|cube|cylinder|block)")
_BEFORE = re.compile(r"^before (?:you )?(?P<later>[^,]+), ?(?P<sooner>.+)$")
_BEFORE_INSIDE = re.compile(r"^(?P<sooner>.+?),? before (?:you )?(?P<later>.+)$")
_AFTER = re.compile(r"^(?:after|once|when|as soon as) (?:you have |you've |you are done |you're done |having |you )?(?P<sooner>[^,]+), ?(?:then )?(?P<later>.+)$")
_AFTER_INSIDE = re.compile(r"^(?P<later>.+?),? (?:after|once|as soon as) (?:you have |you've |having |you )?(?P<sooner>.+)$")
_IRREGULAR = {"putting": "put", "setting": "set", "getting": "get", "dropping": "drop", "grabbing": "grab", "tapping": "tap", "stacked": "stack", "put": "put", "taken": "take"}
_FULL_GERUND = re.compile(r"\b([a-z]+?)(?:ing|ed)\b")


@dataclass(frozen=True)
class _Piece:
    """A stretch of text and whether what parts it from the one before surely ends a clause."""

    text: str
    sure: bool


def split(text: str, complete: Complete) -> list[str]:
    """Clauses of cleaned lower-case text in the order of doing. `complete` says whether a clause is a whole goal."""
    ordered = _in_order_of_doing(_NUMBERED.sub(". ", text))
    clauses = [clause for part in ordered for clause in _joined(_pieces(part), complete)]
    filled = _fill_in(clauses)
    spread = [each for clause in filled for each in _spread(clause)]
    return spread or [text]


def _in_order_of_doing(text: str) -> list[str]:
    """Turn "before B, A" and "B after A" round."""
    for pattern in (_BEFORE, _AFTER, _BEFORE_INSIDE, _AFTER_INSIDE):
        if pattern is _AFTER_INSIDE and re.search(r"\bafter (?:that|this|which|wards)\b", text):
            continue
        if match := pattern.match(text):
            return [_imperative(match["sooner"]), _imperative(match["later"])]
    return [text]


def _imperative(text: str) -> str:
    """First verb from gerund or participle to its plain form: "pushing the cube" -> "push the cube"."""

    def plain(match: re.Match[str]) -> str:
        word, stem = match.group(), match.group(1)
        for guess in (_IRREGULAR.get(word), stem, stem + "e", stem[:-1]):
            if guess and guess in lexicon.VERBS:
                return guess
        return word

    return _FULL_GERUND.sub(plain, text, count=1) if not lexicon.opens_clause(text) else text


def _pieces(text: str) -> list[_Piece]:
    """Cut at everything that may end a clause."""
    text = _NEXT.sub(" . ", _FIRST.sub("", text))
    pieces = []
    for sure_part in _THEN.split(text):
        weak = [part.strip(" ,:") for part in _WEAK.split(f"{sure_part} ")]
        weak = [part for part in weak if part]
        pieces += [_Piece(part, number == 0) for number, part in enumerate(weak)]
    return [piece for piece in pieces if not lexicon.is_courtesy(piece.text) or piece.text in ("go", "go ahead", "reach out", "try")]


def _joined(pieces: list[_Piece], complete: Complete) -> list[str]:
    """Glue pieces together again where the cut was inside a clause."""
    clauses: list[str] = []
    for piece in pieces:
        if clauses and not piece.sure and not _parts(clauses[-1], piece.text, complete):
            clauses[-1] = f"{clauses[-1]} and {piece.text}" if _keeps_and(clauses[-1], piece.text) else f"{clauses[-1]} {piece.text}"
        else:
            clauses.append(piece.text)
    return clauses


def _parts(left: str, right: str, complete: Complete) -> bool:
    """Whether a comma or "and" between two pieces parts two clauses."""
    if left in lexicon.LIGHT_HEADS or lexicon.is_leaning(left) or lexicon.is_noun_phrase(left):
        return False
    if lexicon.MEANS_VERBS.match(left) and re.match(r"(?:put|place|drop|set|stack|leave|push|throw|move|bring|lay|slide|toss|deposit|lift|raise|hold) (?:it|that)\b", right):
        return False
    if not complete(left):
        return lexicon.opens_clause(right) and not lexicon.NOUN_PHRASE.search(left) is None and complete(right)
    if lexicon.is_noun_phrase(right):
        return True
    return not lexicon.is_leaning(right) or lexicon.ONLY_DIRECTION.match(right) is not None and False


def _keeps_and(left: str, right: str) -> bool:
    return not lexicon.is_leaning(left)


def _fill_in(clauses: list[str]) -> list[str]:
    """Give a clause that is only a thing, or only a way, the words of the one before it."""
    filled: list[str] = []
    for clause in clauses:
        if filled and lexicon.is_noun_phrase(clause):
            clause = lexicon.NOUN_PHRASE.sub(clause.removeprefix("also "), filled[-1], count=1)
        elif filled and lexicon.ONLY_DIRECTION.match(clause):
            clause = f"push it {clause}"
        filled.append(clause)
    return filled


def _spread(clause: str) -> list[str]:
    """ "put the red cube and the green cube in the bin" is two goals."""
    pair = re.search(rf"({lexicon.NOUN_PHRASE.pattern}) (?:and|&) (?:also )?({lexicon.NOUN_PHRASE.pattern})", clause)
    if pair is None or " with " in clause:
        return [clause]
    first, second = pair.group(1), pair.group(2)
    if not re.search(r"[a-z]+ (?!.*[a-z])", first) and " " in second:  # "the red and the green cube"
        first = first
    return [clause[: pair.start()] + each + clause[pair.end() :] for each in (first, second)]
