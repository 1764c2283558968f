"""Paired comparison of two evaluations on the same episodes: `python -m robot_wm.evaluate.compare A.json B.json`.

Pairs of other seeds are pooled with the first: `... A1.json B1.json A2.json B2.json`. Reads files that
`robot-wm eval --json` wrote. Knows nothing of how episodes are run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_wm.errors import ConfigError
from robot_wm.evaluate.statistics import mcnemar_exact, wilson

_SAME = ("seed", "table", "scene", "goal", "instruction")  # must be equal in both episodes of a pair


@dataclass(frozen=True)
class Comparison:
    """Success of A and B over the episodes that both ran."""

    skill: str  # or "all"
    pairs: int
    success_a: int
    success_b: int
    only_a: int
    only_b: int

    @property
    def p(self) -> float:
        """Exact two-sided p-value of McNemar's test that A and B are equally good."""
        return mcnemar_exact(self.only_a, self.only_b)


def compare(*runs: tuple[Mapping[str, Any], Mapping[str, Any]]) -> list[Comparison]:
    """Compare pairs of evaluations (A, B), pooled.

    Args:
        runs: figures of A and B, as `eval --json` writes them; all of one suite, each pair with its own seed.

    Returns:
        The overall comparison first, then one per skill.

    Raises:
        ConfigError: A and B ran different episodes, suites differ, or a seed occurs twice.
    """
    suites = list(dict.fromkeys(figures["suite"] for run in runs for figures in run))
    if len(suites) > 1:
        raise ConfigError(f"the files are of --suite {' and '.join(suites)}; compare evaluations of one suite")
    seeds = [a["seed"] for a, _ in runs]
    if len(set(seeds)) < len(seeds):
        raise ConfigError(
            f"the pairs are of --seed {', '.join(map(str, seeds))}; pool evaluations with different seeds"
        )
    pairs = [pair for a, b in runs for pair in _paired(a["episodes_detail"], b["episodes_detail"])]
    skills = dict.fromkeys(first["skill"] for first, _ in pairs)
    return [
        _compared("all", pairs),
        *(_compared(skill, [p for p in pairs if p[0]["skill"] == skill]) for skill in skills),
    ]


def _paired(
    a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    second = {row["index"]: row for row in b}
    if set(second) != {row["index"] for row in a}:
        raise ConfigError(
            f"the files have {len(a)} and {len(b)} episodes; compare evaluations with the same --episodes"
        )
    for row in a:
        for key in _SAME:
            if row[key] != second[row["index"]][key]:
                raise ConfigError(
                    f"episode {row['index']} differs in its {key}: {row[key]!r} and {second[row['index']][key]!r}; "
                    "compare evaluations with the same --suite, --seed and --instructions"
                )
    pairs = [(row, second[row["index"]]) for row in a]
    return [pair for pair in pairs if "dropped" not in (pair[0]["outcome"], pair[1]["outcome"])]


def _compared(skill: str, pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Comparison:
    won = [(bool(first["success"]), bool(second["success"])) for first, second in pairs]
    return Comparison(
        skill,
        pairs=len(won),
        success_a=sum(first for first, _ in won),
        success_b=sum(second for _, second in won),
        only_a=won.count((True, False)),
        only_b=won.count((False, True)),
    )


def table(names: tuple[str, str], rows: Sequence[Comparison]) -> str:
    """Return the comparison as a plain-text table."""
    a, b = names
    lines = [
        f"A = {a}, B = {b}",
        f"{'skill':<12}{'pairs':>6}  {'A (95 %)':<24}{'B (95 %)':<24}{'only A':>7}{'only B':>7}{'p':>9}",
    ]
    for row in rows:
        cells = f"{_cell(row.success_a, row.pairs):<24}{_cell(row.success_b, row.pairs):<24}"
        lines.append(f"{row.skill:<12}{row.pairs:>6}  {cells}{row.only_a:>7}{row.only_b:>7}{row.p:>9.4f}")
    return "\n".join(lines)


def _cell(success: int, pairs: int) -> str:
    low, high = wilson(success, pairs)
    return f"{success / max(pairs, 1):.1%} ({low:.1%} .. {high:.1%})"


@dataclass(frozen=True)
class Files:
    """Compare files that `robot-wm eval --json` wrote: A and B, and optionally more pairs to pool."""

    files: tuple[Path, ...]


def main(given: Files) -> None:
    """Print the comparison."""
    paths = given.files
    if len(paths) < 2 or len(paths) % 2:
        raise ConfigError(f"give an even number of files, alternating A and B; received {len(paths)}")
    read = [_read(path) for path in paths]
    names = tuple(_label(read[which::2], paths[which::2]) for which in (0, 1))
    print(table((names[0], names[1]), compare(*zip(read[::2], read[1::2], strict=True))))


def _label(figures: Sequence[Mapping[str, Any]], paths: Sequence[Path]) -> str:
    labels = list(dict.fromkeys(_agent(each) for each in figures))
    if len(labels) > 1:
        files = " and ".join(map(str, paths))
        raise ConfigError(f"{files} are of {' and '.join(labels)}; pool evaluations of one agent")
    return f"{labels[0]} ({', '.join(map(str, paths))})"


def _agent(figures: Mapping[str, Any]) -> str:
    goals = "" if figures["understand"] == "language" else ", goals given"
    return f"{figures['policy']} on {figures['arm']}{goals}"


def _read(path: Path) -> dict[str, Any]:
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}; give a file that `robot-wm eval --json` wrote") from error
    if not isinstance(figures, dict) or "episodes_detail" not in figures:
        raise ConfigError(f"{path} has no 'episodes_detail'; give a file that `robot-wm eval --json` wrote")
    return figures


if __name__ == "__main__":
    import sys

    import tyro

    from robot_wm.errors import RobotWMError

    try:
        main(tyro.cli(tyro.conf.Positional[Files], prog="compare"))
    except RobotWMError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)
