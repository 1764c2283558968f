"""Calibration of the readers: temperature and threshold are set on some held-out sentences and measured on others.

Temperature scaling and expected calibration error follow Guo et al., "On Calibration of Modern Neural Networks" (2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robot_wm.language.interpreter import Interpretation, interpretations
from robot_wm.language.reader import Readers
from robot_wm.language.reading import SLOTS, Reading

_TEMPERATURES = np.geomspace(0.4, 4.0, 24)
_THRESHOLDS = np.linspace(0.02, 0.95, 94)


class Batches(Protocol):
    """Encoded sentences. `batch` returns tokens (B, L, 384), mask (B, L) and label indices (B, slots) of an index."""

    def batch(self, index: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]: ...


@dataclass(frozen=True)
class Calibration:
    """The threshold and its figures on sentences that it was not chosen on. Shares are in [0, 1]."""

    threshold: float
    temperature: float
    sentences: int  # measured on
    good: int
    right: float  # of the good ones: all slots right and not refused
    false_refusals: float  # of the good ones
    refused: float  # of the impossible or meaningless ones
    calibration_error: float  # expected |confidence - share right| over ten bins

    def summary(self) -> str:
        """Return the figures in one line."""
        return (
            f"{self.right:.1%} of {self.good} good ones right, {self.false_refusals:.1%} wrongly refused; "
            f"{self.refused:.1%} of {self.sentences - self.good} bad ones refused; "
            f"calibration error {self.calibration_error:.3f}, threshold {self.threshold:.2f}"
        )


def calibrate(readers: Readers, sentences: Batches, tune: Sequence[int], measure: Sequence[int]) -> Calibration:
    """Set the readers' temperature, choose the threshold on the sentences `tune`, and measure on `measure`."""
    temperature = min(_TEMPERATURES, key=lambda t: _negative_log_likelihood(readers, sentences, tune, float(t)))
    readers.temperature.fill_(float(temperature))
    truths, answers = interpret_labelled(readers, sentences, tune)
    threshold = min(_THRESHOLDS, key=lambda t: _cost(truths, answers, float(t)))
    return measured(*interpret_labelled(readers, sentences, measure), float(threshold), float(temperature))


def measured(
    truths: Sequence[Reading], answers: Sequence[Interpretation], threshold: float, temperature: float = 1.0
) -> Calibration:
    """Compute the figures of interpretations against the true readings."""
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


def accepts(answer: Interpretation, threshold: float) -> bool:
    """Whether a clause would be tried, given that its things are on the table."""
    return answer.reading.fault is None and answer.confidence >= threshold


def same(truth: Reading, answer: Reading) -> bool:
    """Whether an answer says what the truth says, in the slots that matter."""
    return all(getattr(truth, slot) in (None, getattr(answer, slot)) for slot in truth.slots)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Compute the expected calibration error: |confidence - share right| over equal bins, weighted by their size."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps))


@torch.inference_mode()
def interpret_labelled(
    readers: Readers, sentences: Batches, index: Sequence[int]
) -> tuple[list[Reading], list[Interpretation]]:
    """Return the true readings and the interpretations of the sentences of an index."""
    truths: list[Reading] = []
    answers: list[Interpretation] = []
    for start in range(0, len(index), 256):
        tokens, mask, labels = sentences.batch(index[start : start + 256])
        answers += interpretations(readers(tokens, mask))
        truths += [_reading(row) for row in labels.tolist()]
    return truths, answers


def _reading(row: Sequence[int]) -> Reading:
    values = {slot: None if i < 0 else classes[i] for (slot, classes), i in zip(SLOTS.items(), row, strict=True)}
    return Reading(**values)  # type: ignore[arg-type]


def _cost(truths: Sequence[Reading], answers: Sequence[Interpretation], threshold: float) -> float:
    figures = measured(truths, answers, threshold)
    return figures.false_refusals + (1.0 - figures.refused)


@torch.inference_mode()
def _negative_log_likelihood(readers: Readers, sentences: Batches, index: Sequence[int], temperature: float) -> float:
    """Compute the mean negative log likelihood of the true classes at a temperature."""
    readers.temperature.fill_(temperature)
    total, count = 0.0, 0
    for start in range(0, min(len(index), 1024), 256):
        tokens, mask, labels = sentences.batch(index[start : start + 256])
        for i, (_, p) in enumerate(readers(tokens, mask).items()):
            known = labels[:, i] >= 0
            total -= float(p[known, labels[known, i]].clamp(min=1e-9).log().sum())
            count += int(known.sum())
    return total / count
