"""How sure is sure: a temperature and a threshold from held-out sentences, and how well they do on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.language.listener import Heard, heard
from robot_wm.language.reader import Readers
from robot_wm.language.reading import SLOTS, Reading

_TEMPERATURES = np.geomspace(0.4, 4.0, 24)
_THRESHOLDS = np.linspace(0.02, 0.95, 94)


class Batches(Protocol):
    """Encoded sentences: tokens, mask and label indices of those asked for."""

    def batch(self, index: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]: ...


@dataclass(frozen=True)
class Calibration:
    """The threshold and what it does on sentences that did not set it. Shares are in [0, 1]."""

    threshold: float
    temperature: float
    sentences: int  # measured on
    good: int
    right: float  # of the good ones: all slots right and not refused
    false_refusals: float  # of the good ones
    refused: float  # of the impossible or meaningless ones
    calibration_error: float  # expected |confidence - share right| over ten bins

    def summary(self) -> str:
        """One line for people."""
        return (
            f"{self.right:.1%} of {self.good} good ones right, {self.false_refusals:.1%} wrongly refused; "
            f"{self.refused:.1%} of {self.sentences - self.good} bad ones refused; "
            f"calibration error {self.calibration_error:.3f}, threshold {self.threshold:.2f}"
        )


def calibrate(readers: Readers, sentences: Batches, tune: Sequence[int], measure: Sequence[int]) -> Calibration:
    """Set the readers' temperature and find the threshold on `tune`; measure on `measure`."""
    temperature = min(_TEMPERATURES, key=lambda t: _surprise(readers, sentences, tune, float(t)))
    readers.temperature.fill_(float(temperature))
    truths, answers = listen(readers, sentences, tune)
    threshold = min(_THRESHOLDS, key=lambda t: _cost(truths, answers, float(t)))
    return measured(*listen(readers, sentences, measure), float(threshold), float(temperature))


def measured(
    truths: Sequence[Reading], answers: Sequence[Heard], threshold: float, temperature: float = 1.0
) -> Calibration:
    """Figures for readings against the truth."""
    good = np.array([truth.fault is None for truth in truths])
    accepted = np.array([accepts(answer, threshold) for answer in answers])
    right = np.array([same(truth, answer.reading) for truth, answer in zip(truths, answers, strict=True)])
    confidence = np.array([answer.confidence for answer in answers])
    return Calibration(
        threshold=threshold,
        temperature=temperature,
        sentences=len(truths),
        good=int(good.sum()),
        right=float((right & accepted)[good].mean()),
        false_refusals=float((~accepted)[good].mean()),
        refused=float((~accepted)[~good].mean()),
        calibration_error=calibration_error(confidence, right),
    )


def accepts(answer: Heard, threshold: float) -> bool:
    """Whether a clause would be tried, given that its things are on the table."""
    return answer.reading.fault is None and answer.confidence >= threshold


def same(truth: Reading, answer: Reading) -> bool:
    """Whether an answer says what the truth says, in the slots that matter."""
    return all(getattr(truth, slot) in (None, getattr(answer, slot)) for slot in truth.slots)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean distance between confidence and share right over equal bins of confidence, weighted by their size."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps))


@torch.inference_mode()
def listen(readers: Readers, sentences: Batches, index: Sequence[int]) -> tuple[list[Reading], list[Heard]]:
    """True and heard readings of the sentences asked for."""
    truths: list[Reading] = []
    answers: list[Heard] = []
    for start in range(0, len(index), 256):
        tokens, mask, labels = sentences.batch(index[start : start + 256])
        answers += heard(readers(tokens, mask))
        truths += [_reading(row) for row in labels.tolist()]
    return truths, answers


def _reading(row: Sequence[int]) -> Reading:
    values = {slot: None if i < 0 else classes[i] for (slot, classes), i in zip(SLOTS.items(), row, strict=True)}
    return Reading(**values)  # type: ignore[arg-type]


def _cost(truths: Sequence[Reading], answers: Sequence[Heard], threshold: float) -> float:
    figures = measured(truths, answers, threshold)
    return figures.false_refusals + (1.0 - figures.refused)


@torch.inference_mode()
def _surprise(readers: Readers, sentences: Batches, index: Sequence[int], temperature: float) -> float:
    """Mean negative log probability of the true classes at a temperature."""
    readers.temperature.fill_(temperature)
    total, count = 0.0, 0
    for start in range(0, min(len(index), 1024), 256):
        tokens, mask, labels = sentences.batch(index[start : start + 256])
        for i, (_, p) in enumerate(readers(tokens, mask).items()):
            known = labels[:, i] >= 0
            total -= float(p[known, labels[known, i]].clamp(min=1e-9).log().sum())
            count += int(known.sum())
    return total / count
