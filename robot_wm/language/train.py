"""Training of the readers on the frozen encoder's token vectors: minutes on one core, same result for the same seed."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from robot_wm.config import from_values
from robot_wm.goals import COLOURS
from robot_wm.language.augment import augment
from robot_wm.language.calibration import calibrate
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.lexicon import SPLITS
from robot_wm.language.normalise import Normaliser
from robot_wm.language.reader import Reader, ReaderConfig, Readers
from robot_wm.language.reading import SLOTS, Reading
from robot_wm.language.samples import sample
from robot_wm.language.weights import FILE_NAME, save_readers

Report = Callable[[str], None]
PLAIN_SHARE = 0.12  # of training sentences whose noun phrases stay as typed


@dataclass(frozen=True)
class LanguageTraining:
    """The configuration of a `model: language` training run."""

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


@dataclass(frozen=True)
class Encoded:
    """Sentences with their token vectors (half precision, ragged) and class indices (N, slots)."""

    texts: Sequence[str]
    rows: Sequence[Tensor]  # N of (L_i, 384)
    labels: Tensor  # (N, S), -100 where a slot is not to be learned

    def batch(self, index: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """Return tokens (B, L, 384), mask (B, L) and labels (B, S) of an index."""
        rows = [self.rows[i].float() for i in index]
        lengths = torch.tensor([len(row) for row in rows])
        mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), mask, self.labels[list(index)]


def train_language(config: Mapping[str, object], out_dir: str | Path, report: Report = print) -> Path:
    """Train the readers as `config` says and write `language.safetensors` into `out_dir`; returns its path."""
    settings = from_values(LanguageTraining, config, "language training")
    encoder = SentenceEncoder()
    report(f"encoding {settings.sentences:,} sentences")
    training = encoded(encoder, "train", settings.sentences, settings.seed)
    heldout = encoded(encoder, "heldout", settings.heldout_sentences, settings.seed + 1)
    readers = Readers(ReaderConfig(settings.width, settings.layers), settings.members)
    for number, member in enumerate(readers.members):
        fit(member, training, settings, settings.seed + number, report)  # type: ignore[arg-type]
    half = len(heldout.texts) // 2
    calibration = calibrate(readers, heldout, range(half), range(half, len(heldout.texts)))
    report(f"held-out wordings: {calibration.summary()}")
    about = {"training": asdict(settings), "calibration": asdict(calibration)}
    return save_readers(readers, calibration.threshold, about, Path(out_dir) / FILE_NAME)


def encoded(
    encoder: SentenceEncoder, split: str, count: int, seed: int, lexicon_splits: Sequence[str] = SPLITS
) -> Encoded:
    """Draw `count` labelled sentences and encode them as the grounding will, with the lexicon of these splits."""
    normalise = Normaliser(encoder.vocabulary, lexicon_splits)
    pairs = list(islice(labelled(split, seed, encoder.vocabulary, normalise), count))
    distinct = sorted({text for text, _ in pairs}, key=len)
    rows: dict[str, Tensor] = {}
    with torch.autocast("cpu", torch.bfloat16):  # twice as fast; training does not mind the last digits
        for start in range(0, len(distinct), 512):
            batch = distinct[start : start + 512]
            rows |= {text: row.half() for text, row in zip(batch, encoder.rows(batch), strict=True)}
    labels = torch.tensor([reading.indices() for _, reading in pairs])
    return Encoded([text for text, _ in pairs], [rows[text] for text, _ in pairs], labels)


def labelled(split: str, seed: int, english: Collection[str], normalise: Normaliser) -> Iterator[tuple[str, Reading]]:
    """Yield endless sentences as the readers see them, with their readings; some keep their own words for things."""
    rng = np.random.default_rng(seed)
    words = sorted(word for word in english if word.isascii() and len(word) > 2)
    while True:
        text, reading = sample(rng, split, words)
        typed = augment(text, rng)
        plain = normalise.spelt(typed) if split == "train" and rng.random() < PLAIN_SHARE else normalise(typed)
        hidden, stands_for = normalise.lexicon.anonymous(plain)
        if hidden:
            yield hidden, _with_stand_ins(reading, stands_for)


def _with_stand_ins(reading: Reading, stands_for: Mapping[str, str]) -> Reading:
    """Replace colours by their stand-ins; a colour whose word was not recognised becomes None and is not trained on."""
    stand_in = {colour: other for other, colour in stands_for.items()}
    slots = ("object_colour", "target_colour")
    hidden = {s: stand_in.get(c) if c in COLOURS else c for s in slots if (c := getattr(reading, s)) is not None}
    return replace(reading, **hidden)


def fit(reader: Reader, training: Encoded, settings: LanguageTraining, seed: int, report: Report) -> None:
    """Train one reader by cross entropy over the slots, with a one-cycle learning rate."""
    torch.manual_seed(seed)
    _reinitialise(reader)
    steps = int(settings.epochs * (len(training.texts) // settings.batch))
    optimiser = torch.optim.AdamW(reader.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=max(steps, 2))
    reader.train()
    started = time.monotonic()
    for step, index in enumerate(_batches(training, settings.batch, steps, np.random.default_rng(seed))):
        tokens, mask, labels = training.batch(index)
        with torch.autocast("cpu", torch.bfloat16):
            logits = reader(tokens, mask)
        loss = slot_loss(logits, labels, settings.label_smoothing)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            report(f"step {step}/{steps} loss {loss.item():.4f} {time.monotonic() - started:.0f} s")
    reader.eval()


def slot_loss(logits: Mapping[str, Tensor], labels: Tensor, smoothing: float) -> Tensor:
    """Compute the sum over slots of the mean cross entropy where the slot is labelled."""
    losses = [
        torch.nn.functional.cross_entropy(
            logits[slot].float(), labels[:, i], label_smoothing=smoothing, ignore_index=-100, reduction="sum"
        )
        / (labels[:, i] >= 0).sum().clamp(min=1)
        for i, slot in enumerate(SLOTS)
    ]
    return torch.stack(losses).sum()


def _reinitialise(reader: Reader) -> None:
    """Draw fresh initial weights, so that each member starts elsewhere."""
    for module in reader.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()  # type: ignore[operator]
        elif isinstance(module, torch.nn.MultiheadAttention):
            module._reset_parameters()
    torch.nn.init.normal_(reader.queries, std=0.1)


def _batches(training: Encoded, size: int, steps: int, rng: np.random.Generator):
    """Yield `steps` lists of indices, sentences of similar length together so that padding costs little."""
    lengths = np.array([len(row) for row in training.rows])
    made = 0
    while made < steps:
        order = np.argsort(lengths + rng.uniform(0, 3, len(lengths)))
        groups = [order[i : i + size] for i in range(0, len(order) - size + 1, size)]
        for group in rng.permutation(len(groups))[: steps - made]:
            yield groups[group].tolist()
            made += 1
