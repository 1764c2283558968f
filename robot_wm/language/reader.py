"""The reader: a small transformer from MiniLM's token vectors to one class for each slot of a reading.

One learned query per slot attends to the tokens, so that object and target are distinguished by their place in the
sentence. Several readers form an ensemble (Lakshminarayanan et al. 2017): they disagree on unfamiliar sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from robot_wm.language.encoder import WIDTH
from robot_wm.language.reading import SLOTS


@dataclass(frozen=True)
class ReaderConfig:
    """Size of one reader."""

    width: int = 128
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1


class Reader(nn.Module):
    """Maps token vectors (B, L, 384) and mask (B, L) to one logit vector a slot."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.into = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(WIDTH, w), nn.LayerNorm(w))
        self.queries = nn.Parameter(torch.randn(len(SLOTS), w) * 0.1)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(w, config.heads, 3 * w, config.dropout, batch_first=True, norm_first=True)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(w)
        self.heads = nn.ModuleDict({slot: nn.Linear(w, len(classes)) for slot, classes in SLOTS.items()})

    def forward(self, tokens: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """Return logits (B, classes) by slot."""
        batch = len(tokens)
        x = torch.cat([self.queries.expand(batch, -1, -1), self.into(tokens)], 1)  # (B, S + L, w)
        padding = ~torch.cat([mask.new_ones(batch, len(SLOTS)), mask], 1)  # (B, S + L)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        x = self.norm(x[:, : len(SLOTS)])  # (B, S, w)
        return {slot: self.heads[slot](x[:, i]) for i, slot in enumerate(SLOTS)}


class Readers(nn.Module):
    """An ensemble of readers: probabilities averaged, with a temperature calibrated on held-out sentences."""

    def __init__(self, config: ReaderConfig, count: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(Reader(config) for _ in range(count))
        self.temperature = nn.Buffer(torch.ones(()))

    def forward(self, tokens: Tensor, mask: Tensor) -> Mapping[str, Tensor]:
        """Return probabilities (B, classes) by slot."""
        answers = [member(tokens, mask) for member in self.members]
        return {
            slot: torch.stack([(answer[slot] / self.temperature).softmax(-1) for answer in answers]).mean(0)
            for slot in SLOTS
        }
