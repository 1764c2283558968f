"""One encoder and one grounding with the shipped weights for all language tests: loading takes seconds."""

import pytest
import torch

from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.grounding import Grounding


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    torch.set_num_threads(1)
    return SentenceEncoder()


@pytest.fixture(scope="session")
def grounding(encoder: SentenceEncoder) -> Grounding:
    return Grounding.load(encoder=encoder)
