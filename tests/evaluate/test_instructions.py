"""Instructions files: read as written, and each mistake named with its line."""

import json
from pathlib import Path

import numpy as np
import pytest

from robot_wm.errors import ConfigError
from robot_wm.evaluate.instructions import Line, made_lines, read_lines, write_lines
from robot_wm.evaluate.make import lines_of
from robot_wm.tasks import SKILLS, Task

ROWS = [
    {"instruction": "push the red cube left", "goal": {"skill": "push", "object": "red cube", "direction": "left"}},
    {"instruction": "make coffee", "goal": {"skill": "none"}, "scene": ["red cube"]},
    {"instruction": "go home, then lift it", "goal": [{"skill": "home"}, {"skill": "lift", "object": "blue cylinder"}]},
]


def written(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    lines = read_lines(written(tmp_path, *ROWS))
    assert [line.kind for line in lines] == ["push", "none", "multi-step"]
    assert lines[0].goals == (Task("push", "red cube", direction="left"),)
    assert lines[1].scene == ("red cube",)
    assert lines[2].names == ("blue cylinder",)
    write_lines(tmp_path / "again.jsonl", lines)
    assert read_lines(tmp_path / "again.jsonl") == lines
    assert [line.to_json() for line in lines] == ROWS


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: expected an object"),
        ({"instruction": "x"}, "line 2: the key 'goal' is missing"),
        ({"goal": {"skill": "home"}}, "line 2: the key 'instruction' is missing"),
        ({"instruction": 3, "goal": {"skill": "home"}}, "'instruction' must be text, received 3"),
        ({"instruction": "x", "gaol": {}}, "unknown key 'gaol'.*Did you mean 'goal'"),
        ({"instruction": "x", "goal": {"skill": "juggle"}}, "unknown skill 'juggle'"),
        ({"instruction": "x", "goal": {"skill": "lift", "object": "pink cube"}}, "unknown object 'pink cube'"),
        ({"instruction": "x", "goal": []}, "'goal' must be an object"),
        ({"instruction": "x", "goal": [{"skill": "none"}, {"skill": "home"}]}, "cannot be one of several"),
        ({"instruction": "x", "goal": {"skill": "home"}, "scene": "red cube"}, "'scene' must be a list"),
        (
            {"instruction": "x", "goal": {"skill": "home"}, "scene": ["red sphere"]},
            "unknown thing in 'scene' 'red sphere'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, row: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read_lines(written(tmp_path, ROWS[0], row))
    assert "line 2" in str(caught.value)


def test_a_file_that_is_missing_or_empty_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the instructions file"):
        read_lines(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="holds no instruction"):
        read_lines(written(tmp_path, ""))


def test_made_lines_go_round_the_skills_and_repeat_by_seed() -> None:
    lines = made_lines(21, np.random.default_rng(5))
    assert [line.kind for line in lines] == list(SKILLS) * 3
    assert lines == made_lines(21, np.random.default_rng(5))
    assert lines != made_lines(21, np.random.default_rng(6))


@pytest.mark.parametrize("kind", ["skills", "pairs", "refusals"])
def test_files_are_made_that_can_be_read(tmp_path: Path, kind: str) -> None:
    lines = lines_of(kind, 60, seed=1)
    write_lines(tmp_path / "made.jsonl", lines)
    assert read_lines(tmp_path / "made.jsonl") == lines


def test_pairs_do_not_stand_in_each_others_way() -> None:
    for line in lines_of("pairs", 200, seed=2):
        first, second = line.goals
        assert not set(first.names) & set(second.names)


def test_what_is_asked_for_in_a_refusal_is_not_there() -> None:
    lines = [line for line in lines_of("refusals", 200, seed=3) if line.scene is not None]
    assert len(lines) == 100
    assert all(
        isinstance(line, Line) and line.goals == (Task("none"),) and len(line.scene or ()) >= 3 for line in lines
    )
