"""Pairs of two measurements: counted right, and refused where the episodes differ."""

import json
from pathlib import Path

import pytest

from robot_wm.errors import ConfigError
from robot_wm.evaluate.compare import Comparison, Files, compare, main


def figures(policy: str, outcomes: str, seed: int = 100) -> dict[str, object]:
    """One letter an episode: d done, f failed, x dropped."""
    words = {"d": "done", "f": "failed", "x": "dropped"}
    rows = [
        {
            "index": index,
            "seed": seed + index,
            "table": index,
            "scene": ["red cube"],
            "instruction": "x",
            "goal": [{"skill": "home"}],
            "skill": "home" if index % 2 else "lift",
            "outcome": words[letter],
            "success": letter == "d",
        }
        for index, letter in enumerate(outcomes)
    ]
    told = {"suite": "tabletop", "seed": seed, "arm": "mujoco", "understand": "language"}
    return {"policy": policy, **told, "episodes_detail": rows}


def test_counts_pairs_and_drops_what_either_dropped() -> None:
    overall, *skills = compare((figures("planner", "ddffxd"), figures("prior", "dfdfdf")))
    assert overall == Comparison("all", pairs=5, success_a=3, success_b=2, only_a=2, only_b=1)
    assert overall.p == 1.0
    assert [each.skill for each in skills] == ["lift", "home"]
    assert sum(each.pairs for each in skills) == 5


def test_a_clear_difference_is_significant() -> None:
    assert compare((figures("a", "d" * 10), figures("b", "f" * 10)))[0].p == pytest.approx(2 / 2**10)


def test_runs_of_other_seeds_are_pooled() -> None:
    first = figures("a", "ddff"), figures("b", "dfdf")
    second = figures("a", "dd", seed=200), figures("b", "ff", seed=200)
    assert compare(first, second)[0] == Comparison("all", pairs=6, success_a=4, success_b=2, only_a=3, only_b=1)
    with pytest.raises(ConfigError, match="--seed 100, 100; pool evaluations with different seeds"):
        compare(first, first)
    elsewhere = [each | {"suite": "tabletop-shifted"} for each in second]
    with pytest.raises(ConfigError, match="--suite tabletop and tabletop-shifted"):
        compare(first, (elsewhere[0], elsewhere[1]))


def test_other_episodes_are_no_pairs() -> None:
    with pytest.raises(ConfigError, match="6 and 5 episodes"):
        compare((figures("a", "dddddd"), figures("b", "ddddd")))
    other = figures("b", "ddd")
    other["episodes_detail"][1]["seed"] = 5  # type: ignore[index]
    with pytest.raises(ConfigError, match="episode 1 differs in its seed: 101 and 5"):
        compare((figures("a", "ddd"), other))
    with pytest.raises(ConfigError, match="--suite tabletop and tabletop-shifted"):
        compare((figures("a", "ddd"), figures("b", "ddd") | {"suite": "tabletop-shifted"}))


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, letters in (("a", "ddf"), ("b", "dff")):
        (tmp_path / f"{name}.json").write_text(json.dumps(figures(name, letters)))
    main(Files((tmp_path / "a.json", tmp_path / "b.json")))
    shown = capsys.readouterr().out
    assert "A = a on mujoco (" in shown
    assert "66.7% (20.8% .. 93.9%)" in shown
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(ConfigError, match="has no 'episodes_detail'"):
        main(Files((tmp_path / "a.json", tmp_path / "b.json")))


def test_files_come_in_pairs_of_the_same_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for name, made in {
        "a1": figures("a", "dd"),
        "b1": figures("b", "df"),
        "a2": figures("a", "d", seed=200),
        "b2": figures("b", "f", seed=200),
    }.items():
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps(made))
    main(Files(tuple(paths)))
    assert " 3  100.0%" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="even number of files, alternating A and B; received 3"):
        main(Files(tuple(paths[:3])))
    with pytest.raises(ConfigError, match="are of a on mujoco and b on mujoco; pool evaluations of one agent"):
        main(Files((paths[0], paths[1], paths[3], paths[2])))
