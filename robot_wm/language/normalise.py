"""Normalises typed text: clean, spelling corrected, plain names for things."""

from collections.abc import Collection, Sequence

from robot_wm.language.lexicon import SPLITS, Lexicon
from robot_wm.language.text import Speller, clean


class Normaliser:
    """Turns typed text into what the readers are trained on.

    Args:
        english: words that are not typos.
        splits: those whose synonyms it knows.
    """

    def __init__(self, english: Collection[str], splits: Sequence[str] = SPLITS) -> None:
        self._speller = Speller(english)
        self.lexicon = Lexicon(splits)

    def spelt(self, text: str) -> str:
        """Return clean lower-case text with typos corrected, in its own words for things."""
        return self._speller(clean(text))

    def __call__(self, text: str) -> str:
        """Return `spelt` text with noun phrases in their simplest words."""
        return self.lexicon.simplest(self.spelt(text))
