"""Figures of the language part: latency, held-out wordings, hand-written instructions, refusals, two goals.

Run `python -m benchmarks.language`; it prints one JSON object. Uses the shipped weights and no simulator.
"""

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.grounding import Grounding
from robot_wm.records import Refusal

_ROOT = Path(__file__).parent.parent
FILES = (
    "configs/instructions/heldout.jsonl",
    "configs/instructions/two_step.jsonl",
    "configs/instructions/refusals.jsonl",
    "configs/instructions/language_following.jsonl",
    "tests/language/handwritten.jsonl",
    "tests/language/handwritten_fresh.jsonl",
    "tests/language/handwritten_fresh2.jsonl",
)
_SEEN = 0.98  # probability given to what is on the table, as a good vision model would


def main() -> None:
    """Measure on one thread and print."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    encoder = SentenceEncoder()
    loaded_s = time.perf_counter() - started
    grounding = Grounding.load(encoder=encoder)
    figures = {name: score(grounding, _read(_ROOT / name)) for name in FILES if (_ROOT / name).is_file()}
    print(
        json.dumps(
            {
                "load_s": round(loaded_s, 2),
                "sentence_ms": sentence_ms(encoder),
                "understand_ms": understand_ms(grounding),
                **figures,
            },
            indent=1,
        )
    )


def score(grounding: Grounding, lines: Iterable[dict]) -> dict[str, float]:  # type: ignore[type-arg]
    """Share of lines understood as meant, of good ones refused, of bad ones refused."""
    right, good, wrongly, bad, refused = 0, 0, 0, 0, 0
    for line in lines:
        goals = line["goal"] if isinstance(line["goal"], list) else [line["goal"]]
        answer = grounding.understand(line["instruction"], dict.fromkeys(line.get("scene") or things(goals), _SEEN))
        is_refused = isinstance(answer, Refusal)
        if goals == [{"skill": "none"}]:
            bad, refused, right = bad + 1, refused + is_refused, right + is_refused
        else:
            good, wrongly = good + 1, wrongly + is_refused
            right += not isinstance(answer, Refusal) and [task.to_json() for task in answer.tasks] == goals
    return {"n": good + bad, "right": right, "good": good, "wrongly_refused": wrongly, "bad": bad, "refused": refused}


def things(goals: Sequence[dict[str, str]]) -> list[str]:
    """What goals need on the table."""
    return sorted({goal[role] for goal in goals for role in ("object", "target") if role in goal})


def sentence_ms(encoder: SentenceEncoder, count: int = 60) -> dict[str, float]:
    """Time to encode one fresh sentence, milliseconds."""
    return _milliseconds(
        lambda number: encoder.tokens([f"please push the red cube {number} centimetres to the left"]), count
    )


def understand_ms(grounding: Grounding, count: int = 60) -> dict[str, float]:
    """Time to understand one fresh instruction, milliseconds."""
    return _milliseconds(
        lambda number: grounding.understand(f"please push the red cube {number} centimetres left", {"red cube": _SEEN}),
        count,
    )


def _milliseconds(job, count: int) -> dict[str, float]:  # type: ignore[no-untyped-def]
    taken = []
    for number in range(count):
        started = time.perf_counter()
        job(number)
        taken.append(1e3 * (time.perf_counter() - started))
    p50, p95 = np.percentile(taken[3:], [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def _read(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    main()
