"""Typing noise for sentences: typos, capitals, punctuation and fillers."""

import numpy as np

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol",
    "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum", "k": "jlim", "l": "kop",
    "z": "xa", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nk",
}  # fmt: skip
_FILLERS = ("um", "uh", "well", "so", "erm", "like", "hmm")
_ENDS = (".", "!", "!!", "?", "...", " .", "")


def augment(text: str, rng: np.random.Generator, typo_rate: float = 0.08) -> str:
    """Return the sentence with typing noise; `typo_rate` is the share of words with a typo."""
    words = [_slip(word, rng) if rng.random() < typo_rate else word for word in text.split(" ")]
    if rng.random() < 0.08:
        words.insert(int(rng.integers(len(words) + 1)), _FILLERS[rng.integers(len(_FILLERS))])
    return _case(" ".join(words), rng) + (_ENDS[rng.integers(len(_ENDS))] if rng.random() < 0.4 else "")


def _case(text: str, rng: np.random.Generator) -> str:
    draw = rng.random()
    if draw < 0.3:
        return text[:1].upper() + text[1:]
    return text.upper() if draw < 0.37 else text.title() if draw < 0.4 else text


def _slip(word: str, rng: np.random.Generator) -> str:
    if len(word) < 3 or not word.isalpha():
        return word
    at = int(rng.integers(len(word)))
    kind = rng.integers(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    near = _NEIGHBOURS.get(word[at].lower(), "e")
    return word[:at] + near[rng.integers(len(near))] + word[at + 1 :]
