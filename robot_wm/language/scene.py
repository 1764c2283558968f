"""Resolves which thing on the table a phrase means: definite descriptions, pronouns, "the other one"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from robot_wm.goals import COLOURS, KINDS, NAMES, kind_of
from robot_wm.language import answers
from robot_wm.language.vocabulary import BOX_KINDS

SEEN = 0.5  # probability above which a thing counts as on the table
NAMED = 0.2  # the same for what is called by colour and kind: people seldom speak of what is not there
_LABEL_KINDS: Mapping[str, tuple[str, ...]] = {
    **{kind: (kind,) for kind in KINDS},
    "box": BOX_KINDS,
    "any": KINDS,
    "it": KINDS,
}


@dataclass(frozen=True)
class Description:
    """A phrase as read: colour and kind classes, and the kinds that its role in the goal allows."""

    colour: str
    kind: str
    allowed: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        return self.colour in COLOURS


@dataclass(frozen=True)
class Unresolved:
    """A phrase that fits no thing, or several; `words` says so to a person."""

    words: str
    reason: str  # "absent" or "ambiguous"


@dataclass(frozen=True)
class Discourse:
    """What is on the table and what was mentioned before, most recent last."""

    seen: tuple[str, ...]
    mentioned: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()  # those of `mentioned` that something was done to
    doubtful: tuple[str, ...] = ()  # hardly seen: meant only by who names them

    @classmethod
    def of(cls, present: Mapping[str, float]) -> "Discourse":
        """Return the discourse at the start of an instruction on a table."""
        between = lambda low, high: tuple(name for name in NAMES if low <= present.get(name, 0.0) < high)  # noqa: E731
        return cls(between(SEEN, 2.0), doubtful=between(NAMED, SEEN))

    def after(self, names: Sequence[str]) -> "Discourse":
        """Return the discourse after a goal about these things (object first) was mentioned."""
        return replace(self, mentioned=(*self.mentioned, *reversed(names)), objects=(*self.objects, *names[:1]))

    def resolve(self, what: Description, taken: str | None = None) -> str | Unresolved:
        """Return the one thing that a phrase means. `taken` is the other thing of the same goal."""
        fits = [name for name in self.seen if name != taken and _fits(name, what)]
        if not fits and what.is_named:
            fits = [name for name in self.doubtful if name != taken and what.kind in KINDS and _fits(name, what)]
        if what.kind == "it":
            return self._pronoun(fits)
        if what.colour == "other":
            spoken_of = {taken, *self.objects[-1:]}
            fits = [name for name in fits if name not in spoken_of]
        if len(fits) > 1:
            spoken = [name for name in fits if name in self.mentioned]
            fits = spoken if len(spoken) == 1 and what.colour != "other" else fits
        if not fits:
            return Unresolved(answers.absent(answers.wanted(what.colour, what.kind), self.seen), "absent")
        return fits[0] if len(fits) == 1 else Unresolved(answers.ambiguous(fits), "ambiguous")

    def _pronoun(self, fits: Sequence[str]) -> str | Unresolved:
        for name in (*reversed(self.objects), *reversed(self.mentioned)):
            if name in fits:
                return name
        if len(fits) == 1:
            return fits[0]
        return Unresolved(answers.no_antecedent(self.seen), "ambiguous")


def _fits(name: str, what: Description) -> bool:
    colour, kind = name.split(" ")
    right_colour = what.colour in (colour, "missing", "other")
    return right_colour and kind in _LABEL_KINDS.get(what.kind, ()) and kind_of(name) in what.allowed
