"""Instructions files: read as written, and each mistake named with its line."""

import json
from pathlib import Path

import numpy as np
import pytest

from robot_wm.config import config_folder
from robot_wm.errors import ConfigError
from robot_wm.evaluate.episodes import make_episodes
from robot_wm.evaluate.instructions import line_from_json, made_lines, read_lines
from robot_wm.goals import SKILLS, Task

FILES = config_folder() / "instructions"
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
            "unknown object in 'scene' 'red sphere'",
        ),
        (
            {"instruction": "x", "goal": {"skill": "lift", "object": "red cube"}, "scene": ["blue cube"]},
            "the goal needs red cube, which 'scene' lacks",
        ),
        (
            {"instruction": "x", "goal": {"skill": "home"}, "scene": ["red cube", "red cube"]},
            "'red cube' more than once",
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
    with pytest.raises(ConfigError, match="contains no instructions"):
        read_lines(written(tmp_path, ""))


def test_made_lines_go_round_the_skills_and_repeat_by_seed() -> None:
    lines = made_lines(21, np.random.default_rng(5))
    assert [line.kind for line in lines] == list(SKILLS) * 3
    assert lines == made_lines(21, np.random.default_rng(5))
    assert lines != made_lines(21, np.random.default_rng(6))


@pytest.mark.parametrize("path", sorted(FILES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_shipped_files_can_be_laid_out(path: Path) -> None:
    lines = read_lines(path)
    episodes = make_episodes(len(lines), 1, lines)
    assert all(set(each.line.names) <= set(each.names) for each in episodes)
    assert [line_from_json(line.to_json()) for line in lines] == lines


def test_same_scene_means_same_table() -> None:
    lines = read_lines(FILES / "language_following.jsonl")
    episodes = make_episodes(2 * len(lines), 1, lines)
    assert len({each.table for each in episodes}) == 2 * len({line.scene_seed for line in lines})
    assert len({each.seed for each in episodes}) == len({each.table for each in episodes})
