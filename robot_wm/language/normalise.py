"""From what was typed to the simplest sentence that says the same: clean, spelt, with plain names for things."""

from collections.abc import Collection, Sequence

from robot_wm.language.lexicon import SPLITS, Lexicon
from robot_wm.language.text import Speller, clean


class Normaliser:
    """Typed text to what the reader reads. `english`: words that are not typos; `splits`: whose synonyms it knows."""

    def __init__(self, english: Collection[str], splits: Sequence[str] = SPLITS) -> None:
        self._speller = Speller(english)
        self.lexicon = Lexicon(splits)

    def spelt(self, text: str) -> str:
        """Clean lower-case text with typos mended, its own words for things."""
        return self._speller(clean(text))

    def __call__(self, text: str) -> str:
        """Spelt text with noun phrases in their simplest words."""
        return self.lexicon.simplest(self.spelt(text))
