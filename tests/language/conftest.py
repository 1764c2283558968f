"""One encoder and one grounding with the shipped weights for all language tests: loading takes seconds."""

import pytest

from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.grounding import Grounding


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(scope="session")
def grounding(encoder: SentenceEncoder) -> Grounding:
    return Grounding.load(encoder=encoder)
