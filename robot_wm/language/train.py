"""Training of the readers on the frozen encoder's token vectors: minutes on one core, same result for the same seed."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.language.augment import augment
from robot_wm.language.calibration import calibrate
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.reader import Reader, ReaderConfig, Readers
from robot_wm.language.reading import SLOTS, Reading
from robot_wm.language.samples import sample
from robot_wm.language.text import Speller, clean
from robot_wm.language.weights import FILE_NAME, save_readers

Say = Callable[[str], None]


@dataclass(frozen=True)
class LanguageTraining:
    """What the YAML of a `model: language` run may say."""

    model: str = "language"
    seed: int = 0
    sentences: int = 60_000  # training sentences, encoded once
    heldout_sentences: int = 6_000  # of held-out wordings: a half sets temperature and threshold, a half measures
    members: int = 3
    width: int = 128
    layers: int = 2
    epochs: int = 5
    batch: int = 128
    learning_rate: float = 1e-3
    label_smoothing: float = 0.02
    weight_decay: float = 0.02

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "LanguageTraining":
        """Check keys and types; UnknownNameError or ConfigError where they do not fit."""
        allowed = {each.name: type(each.default) for each in fields(cls)}
        for key, value in values.items():
            if key not in allowed:
                raise UnknownNameError("config key", key, allowed)
            fits = isinstance(value, (int, float)) if allowed[key] is float else isinstance(value, allowed[key])
            if not fits or isinstance(value, bool):
                raise ConfigError(f"{key} is a {allowed[key].__name__}, received {value!r}; mend it in the training config")
        return cls(**values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Encoded:
    """Sentences with their token vectors (half precision, ragged) and class indices (N, slots)."""

    texts: Sequence[str]
    rows: Sequence[Tensor]  # N of (L_i, 384)
    labels: Tensor  # (N, S), -100 where a slot is not to be learned

    def batch(self, index: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens (B, L, 384), mask (B, L), labels (B, S)."""
        rows = [self.rows[i].float() for i in index]
        lengths = torch.tensor([len(row) for row in rows])
        mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), mask, self.labels[list(index)]


def train_language(config: Mapping[str, object], out_dir: str | Path, say: Say = print) -> Path:
    """Train the readers as `config` says and write `language.safetensors` into `out_dir`; returns its path."""
    settings = LanguageTraining.from_mapping(config)
    encoder = SentenceEncoder()
    say(f"encoding {settings.sentences:,} sentences")
    taught = encoded(encoder, "train", settings.sentences, settings.seed)
    heldout = encoded(encoder, "heldout", settings.heldout_sentences, settings.seed + 1)
    readers = Readers(ReaderConfig(settings.width, settings.layers), settings.members)
    for number, member in enumerate(readers.members):
        fit(member, taught, settings, settings.seed + number, say)  # type: ignore[arg-type]
    half = len(heldout.texts) // 2
    calibration = calibrate(readers, heldout, range(half), range(half, len(heldout.texts)))
    say(f"held-out wordings: {calibration.summary()}")
    return save_readers(readers, calibration, settings, Path(out_dir) / FILE_NAME)


def encoded(encoder: SentenceEncoder, split: str, count: int, seed: int) -> Encoded:
    """Draw `count` labelled sentences and encode them as the grounding will."""
    rng = np.random.default_rng(seed)
    english = sorted(word for word in encoder.vocabulary if word.isascii() and len(word) > 2)
    speller = Speller(encoder.vocabulary)
    texts: list[str] = []
    readings: list[Reading] = []
    while len(texts) < count:
        text, reading = sample(rng, split, english)
        text = speller(clean(augment(text, rng)))
        if text:
            texts.append(text)
            readings.append(reading)
    rows: list[Tensor] = []
    for start in range(0, count, 1024):
        rows += [row.half() for row in encoder.rows(texts[start : start + 1024])]
    return Encoded(texts, rows, torch.tensor([reading.indices() for reading in readings]))


def fit(reader: Reader, taught: Encoded, settings: LanguageTraining, seed: int, say: Say) -> None:
    """Teach one reader by cross entropy over the slots, with a one-cycle learning rate."""
    torch.manual_seed(seed)
    _restart(reader)
    steps = settings.epochs * (len(taught.texts) // settings.batch)
    optimiser = torch.optim.AdamW(reader.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=max(steps, 2))
    reader.train()
    started = time.monotonic()
    for step, index in enumerate(_batches(taught, settings.batch, steps, np.random.default_rng(seed))):
        tokens, mask, labels = taught.batch(index)
        loss = slot_loss(reader(tokens, mask), labels, settings.label_smoothing)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            say(f"step {step}/{steps} loss {loss.item():.4f} {time.monotonic() - started:.0f} s")
    reader.eval()


def slot_loss(logits: Mapping[str, Tensor], labels: Tensor, smoothing: float) -> Tensor:
    """Sum over slots of the mean cross entropy where the slot is labelled."""
    losses = [
        torch.nn.functional.cross_entropy(logits[slot], labels[:, i], label_smoothing=smoothing, ignore_index=-100, reduction="sum")
        / (labels[:, i] >= 0).sum().clamp(min=1)
        for i, slot in enumerate(SLOTS)
    ]
    return torch.stack(losses).sum()


def _restart(reader: Reader) -> None:
    """Draw fresh initial weights, so that each member starts elsewhere."""
    for module in reader.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()  # type: ignore[operator]
        elif isinstance(module, torch.nn.MultiheadAttention):
            module._reset_parameters()
    torch.nn.init.normal_(reader.queries, std=0.1)


def _batches(taught: Encoded, size: int, steps: int, rng: np.random.Generator):  # noqa: ANN202
    """`steps` lists of indices, sentences of like length together so that padding costs little."""
    lengths = np.array([len(row) for row in taught.rows])
    made = 0
    while made < steps:
        order = np.argsort(lengths + rng.uniform(0, 3, len(lengths)))
        groups = [order[i : i + size] for i in range(0, len(order) - size + 1, size)]
        for group in rng.permutation(len(groups))[: steps - made]:
            yield groups[group].tolist()
            made += 1
