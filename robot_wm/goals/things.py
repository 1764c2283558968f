"""Things on a table: colours, kinds, and the names that combine them, such as "red cube"."""

from functools import lru_cache

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange")
MOVABLE_KINDS = ("cube", "cylinder")
TARGET_KINDS = ("pad", "bin")
KINDS = MOVABLE_KINDS + TARGET_KINDS
TARGETS_MAX = 3  # pads and bins on one table where they are drawn at random: a fourth often does not fit
NAMES = tuple(f"{colour} {kind}" for kind in KINDS for colour in COLOURS)  # 24, in the order of every table's columns


@lru_cache(maxsize=256)  # called with the same few names hundreds of times a second
def kind_of(name: str) -> str:
    """Return the kind of a thing by its name: "red cube" -> "cube"."""
    return name.rsplit(" ", 1)[-1]
