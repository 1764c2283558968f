"""Readers survive a trip to the disk, and what is no reader is refused with words."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from robot_wm.errors import CheckpointError, MissingDependencyError
from robot_wm.language.reader import ReaderConfig, Readers
from robot_wm.language.reading import SLOTS
from robot_wm.language.weights import load_readers, save_readers


@pytest.fixture
def readers() -> Readers:
    torch.manual_seed(0)
    return Readers(ReaderConfig(width=16, layers=1, heads=2), 2).eval()


def test_what_is_saved_is_loaded(readers: Readers, tmp_path: Path) -> None:
    path = save_readers(readers, 0.4, {"n": 3}, tmp_path / "new" / "language.safetensors")
    loaded = load_readers(path)
    tokens, mask = torch.randn(2, 5, 384), torch.ones(2, 5, dtype=torch.bool)
    for slot, p in readers(tokens, mask).items():
        torch.testing.assert_close(loaded.readers(tokens, mask)[slot], p, atol=5e-3, rtol=0)
        torch.testing.assert_close(p.sum(-1), torch.ones(2))
        assert p.shape == (2, len(SLOTS[slot]))
    assert loaded.threshold == 0.4 and loaded.about == {"n": 3}


def test_padding_changes_nothing(readers: Readers) -> None:
    tokens = torch.randn(1, 5, 384)
    longer = torch.cat([tokens, torch.randn(1, 3, 384)], 1)
    mask = torch.tensor([[True] * 5 + [False] * 3])
    for slot, p in readers(tokens, mask[:, :5]).items():
        torch.testing.assert_close(readers(longer, mask)[slot], p, atol=1e-5, rtol=1e-4)


def test_a_truncated_file_is_refused(readers: Readers, tmp_path: Path) -> None:
    path = save_readers(readers, 0.4, {}, tmp_path / "language.safetensors")
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(CheckpointError, match="truncated"):
        load_readers(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match="no language checkpoint"):
        load_readers(tmp_path / "x.safetensors")


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match=r"robot-wm train configs/train/language\.yaml"):
        load_readers(tmp_path / "none.safetensors")
