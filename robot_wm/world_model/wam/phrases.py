"""Sentence vectors of object names in several wordings, the queries of the grounding head."""

import numpy as np
import torch
from torch import Tensor

from robot_wm.goals import NAMES
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.vocabulary import COLOUR_WORDS, KIND_WORDS


def phrase_bank(encoder: SentenceEncoder, wordings: int = 12, seed: int = 0) -> Tensor:
    """Encode every name in several wordings: "red cube", then "crimson block" and the like.

    Args:
        encoder: The sentence encoder.
        wordings: Number of wordings per name, the plain name first; the others are drawn.
        seed: Seed of the draws.

    Returns:
        (24, wordings, p) sentence vectors.
    """
    rng = np.random.default_rng(seed)
    texts = []
    for name in NAMES:
        colour, kind = name.split(" ")
        draw = lambda: f"{COLOUR_WORDS[colour].pick(rng, 'train')} {KIND_WORDS[kind].pick(rng, 'train')}"  # noqa: E731, B023
        texts += [name, *(draw() for _ in range(wordings - 1))]
    return torch.as_tensor(encoder.pooled(texts)).float().unflatten(0, (len(NAMES), wordings)).clone()
