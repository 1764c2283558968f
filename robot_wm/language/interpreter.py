"""Interprets clauses: readings with a probability, from the frozen encoder and the readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from robot_wm.goals import COLOURS
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.lexicon import Lexicon
from robot_wm.language.reader import Readers
from robot_wm.language.reading import SLOTS, Reading
from robot_wm.language.skills import TRANSPORT


@dataclass(frozen=True)
class Interpretation:
    """The most probable reading of a clause."""

    reading: Reading
    confidence: float  # probability that every slot that matters is right
    skills: Mapping[str, float]  # probability of each of SKILL_CLASSES


class Interpreter:
    """Interprets normalised clauses."""

    def __init__(self, encoder: SentenceEncoder, readers: Readers, lexicon: Lexicon) -> None:
        self._encoder = encoder
        self._readers = readers
        self._lexicon = lexicon
        self._known: dict[str, Interpretation] = {}

    def interpret(self, clause: str) -> Interpretation:
        """Interpret one clause; recent ones are cached, since an instruction's clauses are read several times."""
        if clause not in self._known:
            if len(self._known) > 256:
                self._known.clear()
            self._known[clause] = self.interpret_all([clause])[0]
        return self._known[clause]

    @torch.inference_mode()
    def interpret_all(self, clauses: Sequence[str]) -> list[Interpretation]:
        """Interpret several clauses in one batch."""
        hidden = [self._lexicon.anonymous(clause) for clause in clauses]
        answers = interpretations(self._readers(*self._encoder.tokens([text for text, _ in hidden])))
        return [_named(answer, stands_for) for answer, (_, stands_for) in zip(answers, hidden, strict=True)]


def _named(answer: Interpretation, stands_for: Mapping[str, str]) -> Interpretation:
    """Put the true colours back in place of their stand-ins; one that stands for no colour means none was mentioned."""
    slots = ("object_colour", "target_colour")
    true = {
        s: stands_for.get(c, "missing" if c in COLOURS else c)
        for s in slots
        if (c := getattr(answer.reading, s)) is not None
    }
    return replace(answer, reading=replace(answer.reading, **true))


def interpretations(probabilities: Mapping[str, Tensor]) -> list[Interpretation]:
    """Return the most probable classes with their joint probability, from probabilities (B, classes) by slot."""
    best = {slot: probabilities[slot].max(-1) for slot in SLOTS}
    count = len(probabilities["skill"])
    return [
        _interpretation(probabilities["skill"][i], {s: (best[s].indices[i], best[s].values[i]) for s in SLOTS})
        for i in range(count)
    ]


def _interpretation(skills: Tensor, best: Mapping[str, tuple[Tensor, Tensor]]) -> Interpretation:
    reading = Reading(**{slot: SLOTS[slot][int(index)] for slot, (index, _) in best.items()})
    by_name = dict(zip(SLOTS["skill"], skills.tolist(), strict=True))
    confidence = sum(by_name[s] for s in TRANSPORT) if reading.skill in TRANSPORT else by_name[reading.skill]
    for slot in reading.slots[1:]:
        confidence *= float(best[slot][1])
    return Interpretation(reading, confidence, by_name)
