"""Cleans raw input: validation, lower case, punctuation, and spelling correction of the words of instructions."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from robot_wm.errors import InstructionError
from robot_wm.language.vocabulary import CORE_WORDS, NEVER_TYPOS

MAX_CHARACTERS = 1000
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "\u00a0": " "})


def validated(instruction: object) -> str:
    """Return the instruction. Raises InstructionError where it is empty, too long or not plain text."""
    if not isinstance(instruction, str):
        raise InstructionError(
            f"an instruction is text, received {type(instruction).__name__}; "
            "write it as a sentence such as 'push the red cube left'"
        )
    if any(unicodedata.category(c) in ("Cs", "Cc") and c not in "\t\n\r" for c in instruction):
        raise InstructionError(
            "the instruction holds bytes that are not text (control characters or broken UTF-8); "
            "write it as plain text, such as 'lift the red cube'"
        )
    if len(instruction) > MAX_CHARACTERS:
        raise InstructionError(
            f"the instruction has {len(instruction):,} characters; at most {MAX_CHARACTERS:,} are allowed. "
            "Say it shorter, or give one goal at a time"
        )
    if not instruction.strip():
        raise InstructionError("the instruction is empty; write a sentence such as 'push the red cube left'")
    return instruction


def clean(text: str) -> str:
    """Return lower case, plain quotes, single spaces and no letter more than twice in a row ("leeeeft" -> "leeft")."""
    flat = unicodedata.normalize("NFKC", text).translate(_QUOTES).lower()
    flat = re.sub(r"([a-z])\1{2,}", r"\1\1", flat)
    flat = re.sub(r"[_*`\"~|]", " ", flat)
    flat = re.sub(r"^\s*(?:hey |ok |okay |hi |hello |dear )*(?:robot|robo|arm)\s*[:,]\s*(?=\w)", "", flat)
    flat = re.sub(r"\bextend (?:out )?to\b", "reach", flat)
    flat = re.sub(r"\b(?:u+h+m*|u+m+|e+r+m*|h+m+)\b[.,]*", " ", flat)
    flat = re.sub(r"\s*([.!?;,:])(?!\d)[.!?;,:]*", r"\1 ", flat)
    return re.sub(r"\s+", " ", flat).strip()


class Speller:
    """Corrects typos: a word that is not English and that is one or two edits from one of CORE_WORDS."""

    def __init__(self, english: Collection[str]) -> None:
        self._known = frozenset(english) | frozenset(CORE_WORDS) | NEVER_TYPOS
        self._mend = lru_cache(maxsize=4096)(self._mend_uncached)

    def __call__(self, text: str) -> str:
        """Return the text with typos corrected and everything else unchanged."""
        return re.sub(r"[a-z]+", lambda match: self._mend(match.group()), text)

    def _mend_uncached(self, word: str) -> str:
        if word in self._known or len(word) < 3:
            return word
        for slips in range(1, 2 + (len(word) >= 6)):
            near = [core for core in CORE_WORDS if len(core) > slips + 1 and slip_distance(word, core, slips) <= slips]
            if near:
                return min(
                    near,
                    key=lambda core: (core[0] != word[0], sorted(core) != sorted(word), abs(len(core) - len(word))),
                )
        return word


def slip_distance(a: str, b: str, most: int) -> int:
    """Compute the edit distance with swaps (Damerau-Levenshtein) of two words; stops counting above `most`."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
