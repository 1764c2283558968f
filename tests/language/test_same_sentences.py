"""Sentences that suites and training draw are the same to the letter: measured figures rest on them."""

import json
from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import pytest

from robot_wm.evaluate.instructions import made_lines
from robot_wm.language.instructions import FILES
from robot_wm.language.nonsense import refusals
from robot_wm.language.samples import sample

ENGLISH = ("apple", "table", "zebra", "run", "quick", "window")


def digest(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def test_instructions_made_for_a_suite() -> None:
    lines = made_lines(50, np.random.default_rng([1000, 1]))
    said = digest(line.instruction for line in lines)
    goals = digest(line.instruction + json.dumps(line.to_json()["goal"]) for line in lines)
    assert said == "af45b3c7eec633d9000514b5b839be23e1982f52083c8bcf7bc30480057dcdcc"
    assert goals == "0053d6de321754721051102ccaf639a16e0a8de0ae958ade2ac9fc9dbcd2548c"


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("train", "c5ca784cff29a1f9a4126e648e9a9c0d22f3691e32789f498db1964e10d2de33"),
        ("heldout", "582a89c8d1dcbf0f985f9ee49eee53d25e83b1a38a9d65c52c9ea194456402c8"),
    ],
)
def test_training_sentences_and_their_readings(split: str, expected: str) -> None:
    rng = np.random.default_rng(3)
    pairs = [sample(rng, split, ENGLISH) for _ in range(3000)]
    assert digest(f"{text}|{reading.indices()}|{reading.slots}|{reading.fault}" for text, reading in pairs) == expected


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("train", "9fc7ef72d5aba0823b49e8bf7500e3fd100a47ac48853eb2917324ca29e39a12"),
        ("heldout", "98018c4a4325d844613c685b1597c7e54f0ba7babe7df53d7961ab7e6d06adfb"),
    ],
)
def test_refusals(split: str, expected: str) -> None:
    rng = np.random.default_rng(5)
    assert digest(refusals(rng, split) for _ in range(3000)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("heldout.jsonl", "8eca89c051e7c458701b8ad91c9598b09fe4c4ecfe457768a2290437b7aa1f5c"),
        ("two_step.jsonl", "149dce3115fb573a2076381caace989f5401069794bae89bee5d019f1ab02aa5"),
        ("refusals.jsonl", "d6d8e7b8f159dd3a15b2945a86bdd1815a57f5a8c885d2597a9e78230a4aee5a"),
        ("language_following.jsonl", "2a916bd1eab694fa8d49a546fe5e681f1f958debaefadf7f8e8d2686b24a0595"),
    ],
)
def test_instruction_files(name: str, expected: str) -> None:
    rng = np.random.default_rng((7, list(FILES).index(name)))
    assert digest(json.dumps(line) for line in FILES[name](rng)) == expected
