"""Clauses to readings with a probability: normaliser, frozen encoder and readers in one."""

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
class Heard:
    """What a clause most probably says."""

    reading: Reading
    confidence: float  # probability that every slot that matters is right
    skills: Mapping[str, float]  # probability of each of SKILL_CLASSES


class Listener:
    """Reads normalised clauses."""

    def __init__(self, encoder: SentenceEncoder, readers: Readers, lexicon: Lexicon) -> None:
        self._encoder = encoder
        self._readers = readers
        self._lexicon = lexicon
        self._known: dict[str, Heard] = {}

    def hear(self, clause: str) -> Heard:
        """What one clause says; remembered for the clauses of one instruction."""
        if clause not in self._known:
            if len(self._known) > 256:
                self._known.clear()
            self._known[clause] = self.hear_all([clause])[0]
        return self._known[clause]

    @torch.inference_mode()
    def hear_all(self, clauses: Sequence[str]) -> list[Heard]:
        """What each of several clauses says."""
        hidden = [self._lexicon.anonymous(clause) for clause in clauses]
        answers = heard(self._readers(*self._encoder.tokens([text for text, _ in hidden])))
        return [_named(answer, stands_for) for answer, (_, stands_for) in zip(answers, hidden, strict=True)]


def _named(answer: Heard, stands_for: Mapping[str, str]) -> Heard:
    """The true colours in place of their stand-ins; a stand-in for nothing is a colour that nobody said."""
    slots = ("object_colour", "target_colour")
    true = {
        s: stands_for.get(c, "missing" if c in COLOURS else c)
        for s in slots
        if (c := getattr(answer.reading, s)) is not None
    }
    return replace(answer, reading=replace(answer.reading, **true))


def heard(probabilities: Mapping[str, Tensor]) -> list[Heard]:
    """Most probable class of each slot, and their joint probability, from (B, classes) by slot."""
    best = {slot: probabilities[slot].max(-1) for slot in SLOTS}
    count = len(probabilities["skill"])
    return [
        _heard_one(probabilities["skill"][i], {s: (best[s].indices[i], best[s].values[i]) for s in SLOTS})
        for i in range(count)
    ]


def _heard_one(skills: Tensor, best: Mapping[str, tuple[Tensor, Tensor]]) -> Heard:
    reading = Reading(**{slot: SLOTS[slot][int(index)] for slot, (index, _) in best.items()})
    by_name = dict(zip(SLOTS["skill"], skills.tolist(), strict=True))
    confidence = sum(by_name[s] for s in TRANSPORT) if reading.skill in TRANSPORT else by_name[reading.skill]
    for slot in reading.slots[1:]:
        confidence *= float(best[slot][1])
    return Heard(reading, confidence, by_name)
