"""A tiny run trains, measures itself and writes weights that load; the same seed gives the same sentences."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from robot_wm.errors import UnknownNameError
from robot_wm.language.calibration import calibration_error
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.normalise import Normaliser
from robot_wm.language.train import labelled, train_language
from robot_wm.language.weights import load_readers

TINY = {"sentences": 160, "heldout_sentences": 80, "members": 1, "width": 16, "layers": 1, "epochs": 1, "batch": 32}


def test_a_tiny_run_writes_weights_that_load(tmp_path: Path) -> None:
    said: list[str] = []
    path = train_language({"model": "language", **TINY}, tmp_path, said.append)
    assert load_readers(path).about["training"]["sentences"] == 160  # type: ignore[index]
    assert any("held-out wordings" in line for line in said)


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="sentences"):
        train_language({"sentenses": 3}, tmp_path)


def test_the_same_seed_gives_the_same_sentences(encoder: SentenceEncoder) -> None:
    normalise = Normaliser(encoder.vocabulary)
    first, again = (list(islice(labelled("train", 3, encoder.vocabulary, normalise), 20)) for _ in range(2))
    assert first == again


def test_calibration_error_is_nought_for_the_calibrated_and_large_for_the_boastful() -> None:
    right = np.array([True] * 75 + [False] * 25)
    assert calibration_error(np.full(100, 0.75), right) == pytest.approx(0.0)
    assert calibration_error(np.full(100, 0.99), right) == pytest.approx(0.24)
